/*
 * Words of other tools and of plain English: what to write in their place, and that the
 * parser takes it.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/foreign.h"
#include "sim/scenario/foreign_value.h"
#include "tests/lib_golden.h"
#include "tests/lib_scenario.h"

/* What somebody writes, and what is said about it. */
static const struct {
    const char *line, *said;
} table[] = {
    /* clang-format off */
    {"expect converged on up to 9s", "write: expect converged on up at 9s"},
    {"at 1s inc up to 9s", "write: every 1s from 1s to 9s inc up"},
    {"every 1s inc n1 to 9s", "write: every 1s to 9s inc n1"},
    {"net loss 0.1", "write: net loss 10% (or 0.1%: tc takes a bare number for percent)"},
    {"net loss 5", "write: net loss 5%"},
    {"net loss 2% 25%", "write: net loss 2% (each message is lost by itself; for bursts: loss gemodel p r)"},
    {"loss 2% 25%", "write: net loss 2% (each message is lost by itself; for bursts: loss gemodel p r)"},
    {"delay 100ms 10ms 25%", "write: net delay 100ms 10ms 25%"},
    {"loss random 1%", "write: net loss 1%"},
    {"net delay 10ms loss random 1%", "write: net delay 10ms loss 1%"},
    {"loss gemodel 1% 10% 70% 0.1%", "write: net loss gemodel 1% 10% 70% 0.1%"},
    {"loss gemodel 1%", "write: net loss gemodel 1% 99%"},
    {"loss state 1% 10%", "write: net loss gemodel 1% 10%"},
    {"duplicate 1%", "write: net dup 1%"},
    {"at 2s duplicate 1% for 3s", "write: at 2s net dup 1% for 3s"},
    {"corrupt 0.1%", "write: net corrupt 0.1%"},
    {"reorder 25% 50%", "write: net reorder 25% (there is no correlation of these)"},
    {"delay 10ms reorder 25% 50% gap 5", "write: net delay 10ms reorder 25% gap 5 (there is no correlation of these)"},
    {"rate 1mbit", "write: net rate 1mbit"},
    {"rate 1mbit 10 5 2", "write: net rate 1mbit (no overhead is added to a packet)"},
    {"limit 1000", "only a rate has a queue, in bytes: net rate 1mbit queue 256KiB"},
    {"net limit 1000 delay 5ms", "write: net delay 5ms (only a rate has a queue, in bytes: net rate 1mbit queue 256KiB)"},
    {"distribution normal", "write: net delay 100ms 10ms normal (a distribution goes with a mean and a jitter)"},
    {"delay 100ms 20ms distribution normal", "write: net delay 100ms 20ms normal"},
    {"net delay 100ms 20ms distribution paretonormal", "write: net delay 100ms 20ms pareto (there is no paretonormal)"},
    {"net slot 10ms 20ms", "nothing collects messages: leave the slot out"},
    {"net slot distribution normal 10ms 5ms", "nothing collects messages: leave the slot out"},
    {"tc qdisc add dev eth0 root netem delay 100ms 10ms 25% loss 0.3%", "write: net delay 100ms 10ms 25% loss 0.3%"},
    {"sudo tc qdisc change dev eth0 root netem duplicate 1% limit 1000", "write: at 1s net dup 1% (only a rate has a queue, in bytes: net rate 1mbit queue 256KiB)"},
    {"tc qdisc add dev eth0 root handle 1:0 netem delay 10ms", "write: net delay 10ms"},
    {"tc qdisc del dev eth0 root", "write: at 1s net reset"},
    {"at 1s kill n1", "write: at 1s crash n1"},
    {"kill n2", "write: at 1s crash n2"},
    {"kill -9 n2", "write: at 1s crash n2"},
    {"at 3s kill", "write: at 3s crash n1 (say which nodes)"},
    {"latency 100ms", "write: net delay 100ms"},
    {"at 1s latency 100ms jitter 20ms", "write: at 1s net delay 100ms 20ms"},
    {"packet loss 5%", "write: net loss 5%"},
    {"at 1s split", "write: at 1s partition halves"},
    {"at 1s split n1,n2 | n3 for 2s", "write: at 1s partition n1,n2 | n3 for 2s"},
    {"isolate n1", "write: at 1s partition isolate n1"},
    {"at 2s reboot n1", "write: at 2s crash n1 for 1s"},
    {"wait 5s", "write: +5s inc n1 (each statement says how long after the one before it comes)"},
    {"sleep 2s", "write: +2s inc n1 (each statement says how long after the one before it comes)"},
    {"at 1s increment n3 by 2", "write: at 1s inc n3 by 2"},
    {"assert value == 3", "write: expect value == 3"},
    {"partition-random-halves", "write: at 1s partition halves"},
    {"at 1s partition-majorities-ring", "write: at 1s partition ring"},
    {"at 1s nemesis kill n1", "write: at 1s crash n1"},
    {"at 1s hammer-time n1", "write: at 1s pause n1"},
    {"bandwidth 1mbit", "write: net rate 1mbit"},
    {"toxiproxy-cli toxic add -t latency -a latency=1000 -a jitter=100 redis", "write: net delay 1000ms 100ms"},
    {"toxiproxy-cli toxic add -t bandwidth -a rate=100 redis", "write: net rate 800kbit"},
    {"slow_close delay=10", "write: net delay 100ms (there are no connections and no streams, only messages)"},
    {"at 1s blackhole n1", "write: at 1s partition isolate n1"},
    {"at 1s blackhole n1 -> n2", "write: at 1s link n1 -> n2 down"},
    {"min_message_latency 10ms max_message_latency 20ms", "write: net delay 10ms..20ms"},
    {"at 1s bounce n2", "write: at 1s crash n2 for 1s"},
    {"at 1s repair n1 n2", "write: at 1s heal"},
    {"at 1s partition n1 n2", "write: at 1s partition n1 | n2"},
    {"at 1s pod-kill n1", "write: at 1s crash n1"},
    {"at 1s clock n1 drift 5% for 2s", "write: at 1s clock n1 drift +5% for 2s"},
    {"at 1s clock n1 drift 5%", "write: at 1s clock n1 drift +5%"},
    {"at 1s clock n1 jump -1s for 2s", "write: at 1s clock n1 jump -1s, then: +2s clock n1 jump +1s"},
    {"at 1s clock n1 jump +1s for 2s", "write: at 1s clock n1 jump +1s, then: +2s clock n1 jump -1s"},
    {"every 5s clock n1 jump 1s for 200ms", "write: repeat 5, then: +5s clock n1 jump +1s, then: +200ms clock n1 jump -1s, then: end"},
    {"nodes 1e3", "write: nodes 1000"},
    {"nodes 1_000", "write: nodes 1000"},
    {"nodes 1,000", "write: nodes 1000"},
    {"nodes 0x10", "write: nodes 16"},
    {"nodes=7", "write: nodes 7"},
    {"at 10 ms inc n1", "write: at 10ms inc n1"},
    {"at 2min inc n1", "write: at 2m inc n1"},
    {"at 1h30m inc n1", "write: at 90m inc n1"},
    {"at 1.5min inc n1", "write: at 1.5m inc n1"},
    {"net rate 100kbps", "write: net rate 800kbit (in tc kbps, mbps and gbps are bytes a second; for bits say kbit, mbit or gbit)"},
    {"net rate 1MB/s", "write: net rate 8mbit"},
    {"net rate 2.5Mbps", "write: net rate 2.5mbit"},
    {"net loss 50 %", "write: net loss 50%"},
    {"net loss .5%", "write: net loss 0.5%"},
    {"net loss 5.%", "write: net loss 5%"},
    {"at -1s inc n1", "write: at 1s inc n1 (nothing is below 0)"},
    {"net delay -1s", "write: net delay 1s (nothing is below 0)"},
    {"load 10rps even inc 60 on all", "write: load 10/s even inc 60% on all"},
    {"at 100\xC2\xB5" "s inc n1", "write: at 100us inc n1"},
    {"net delay 10ms..1e1ms", "write: net delay 10ms..10ms"},
    {"at 5s stop n1", "write: at 5s stopnode n1"},
    {"stop at 10s", "write: stop 10s"},
    {"after 1s inc n1", "write: +1s inc n1"},
    {"at 1s restart n1 for 2s", "write: at 1s crash n1 for 2s"},
    {"at 1s drop 5 n1 -> n2", "write: at 1s drop next 5 n1 -> n2"},
    {"let k = 3", "write: param k = 3"},
    {"at 1s stopnode n1 for 2s", "write: at 1s stopnode n1, then: +2s restart n1"},
    {"at 1s recover n1 for 5s", "write: at 1s crash n1 for 5s"},
    {"tc qdisc add dev eth0 parent 1:1 netem loss 1%", "write: net loss 1%"},
    {"tc qdisc replace dev eth0 root netem loss 1%", "write: net loss 1%"},
    {"tc qdisc add dev eth0 root tbf rate 1mbit burst 32kbit latency 400ms", "write: net rate 1mbit"},
    {"netem delay 10ms", "write: net delay 10ms"},
    {"in 5s inc n1", "write: +5s inc n1"},
    {"then inc n1", "write: +0s inc n1"},
    {"wait for 5s", "write: +5s inc n1 (each statement says how long after the one before it comes)"},
    {"advance 5s", "write: +5s inc n1 (each statement says how long after the one before it comes)"},
    {"wait 5s inc n1", "write: +5s inc n1"},
    {"sleep 5s inc n1", "write: +5s inc n1"},
    {"each 5s inc n1", "write: every 5s inc n1"},
    {"every 1s inc n1 from 2s to 9s", "write: every 1s from 2s to 9s inc n1"},
    {"every 1s inc n1 from 2s", "write: every 1s from 2s inc n1"},
    {"at 1s inc n1 from 2s to 9s", "write: every 1s from 2s to 9s inc n1"},
    {"after -1s inc n1", "write: +1s inc n1 (nothing is below 0)"},
    {"stop -1s", "write: stop 1s (nothing is below 0)"},
    {"quiet -1s", "write: quiet 1s (nothing is below 0)"},
    {"duration 10s", "write: stop 10s"},
    {"duration = 10", "write: stop 10s"},
    {"simulation_duration 10s", "write: stop 10s"},
    {"time-limit 60", "write: stop 60s"},
    {"timeout 10s", "write: stop 10s (for the toxic of that name: at 1s drop while 1s all -> all)"},
    {"run 10s", "write: stop 10s"},
    {"run for 10s", "write: stop 10s"},
    {"stop after 10s", "write: stop 10s"},
    {"end 10s", "write: stop 10s"},
    {"end at 10s", "write: stop 10s"},
    {"stop = 10s", "write: stop 10s"},
    {"seed = 5", "write: seed 5"},
    {"nodes = 5", "write: nodes 5"},
    {"nodes -5", "write: nodes 5"},
    {"cluster 5", "write: nodes 5"},
    {"servers 5", "write: nodes 5"},
    {"replicas 5", "write: nodes 5"},
    {"hosts 5", "write: nodes 5"},
    {"5 nodes", "write: nodes 5"},
    {"set k = 3", "write: param k = 3"},
    {"var k = 3", "write: param k = 3"},
    {"const k = 3", "write: param k = 3"},
    {"define k = 3", "write: param k = 3"},
    {"loop 3", "write: repeat 3, then: +1s inc n1, then: end"},
    {"loop 3 times", "write: repeat 3, then: +1s inc n1, then: end"},
    {"settle 5s", "write: quiet 5s"},
    {"check converged at 2s", "write: expect converged at 2s"},
    {"require converged at 2s", "write: expect converged at 2s"},
    {"ensure converged at 2s", "write: expect converged at 2s"},
    {"verify converged at 2s", "write: expect converged at 2s"},
    {"should converged at 2s", "write: expect converged at 2s"},
    {"eventually converged", "write: expect converged"},
    {"invariant value >= 0", "write: always value >= 0"},
    {"print values at end", "write: show values at end"},
    {"dump values at end", "write: show values at end"},
    {"expect converged by 5s", "write: expect converged at 5s"},
    {"expect converged until 5s", "write: expect converged at 5s"},
    {"expect converged before 5s", "write: expect converged at 5s"},
    {"expect converged within 5s", "write: expect converged at 5s"},
    {"expect converged after 5s", "write: expect converged at 5s"},
    {"expect value is 3", "write: expect value == 3"},
    {"expect value equals 3 at 2s", "write: expect value == 3 at 2s"},
    {"expect value = 3", "write: expect value == 3"},
    {"net = delay 5ms", "write: net delay 5ms"},
    {"incr n1", "write: at 1s inc n1"},
    {"add 3 to n1", "write: at 1s inc n1 by 3"},
    {"decrement n1", "write: at 1s dec n1"},
    {"decr n1 x3", "write: at 1s dec n1 x3"},
    {"at 1s kill node n1", "write: at 1s crash n1"},
    {"at 1s crash node n1", "write: at 1s crash n1"},
    {"sigkill n1", "write: at 1s crash n1"},
    {"at 1s pod-failure n1", "write: at 1s crash n1"},
    {"container-kill n1", "write: at 1s crash n1"},
    {"reboot n1 after 3s", "write: at 1s crash n1 for 3s"},
    {"at 1s restart n1 after 3s", "write: at 1s crash n1 for 3s"},
    {"at 1s start n1", "write: at 1s restart n1"},
    {"at 1s recover n1", "write: at 1s restart n1"},
    {"shutdown n1", "write: at 1s stopnode n1"},
    {"terminate n1", "write: at 1s stopnode n1"},
    {"sigterm n1", "write: at 1s stopnode n1"},
    {"sigstop n1", "write: at 1s pause n1"},
    {"sigcont n1", "write: at 1s resume n1"},
    {"freeze n1", "write: at 1s pause n1"},
    {"suspend n1", "write: at 1s pause n1"},
    {"unpause n1", "write: at 1s resume n1"},
    {"unfreeze n1", "write: at 1s resume n1"},
    {"continue n1", "write: at 1s resume n1"},
    {"decommission n1", "write: at 1s leave n1"},
    {"at 1s remove n1", "write: at 1s leave n1"},
    {"at 1s partition", "write: at 1s partition halves"},
    {"disconnect n1 n2", "write: at 1s partition n1 | n2"},
    {"disconnect n1 -> n2", "write: at 1s partition n1 -> n2"},
    {"disconnect n1", "write: at 1s partition isolate n1"},
    {"block n1", "write: at 1s partition isolate n1"},
    {"at 1s block n1 | n2", "write: at 1s partition n1 | n2"},
    {"cut n1", "write: at 1s partition isolate n1"},
    {"cut n1 -> n2", "write: at 1s partition n1 -> n2"},
    {"partition-halves", "write: at 1s partition halves"},
    {"partition-random-node", "write: at 1s partition isolate random(1)"},
    {"majorities-ring", "write: at 1s partition ring"},
    {"partition_oneway n1 n2", "write: at 1s partition n1 -> n2"},
    {"start-partition", "write: at 1s partition random"},
    {"at 5s stop-partition", "write: at 5s heal"},
    {"at 1s partition n1 and n2", "write: at 1s partition n1 | n2"},
    {"at 1s partition n1 from n2", "write: at 1s partition n1 | n2"},
    {"unpartition", "write: at 1s heal"},
    {"unblock n1", "write: at 1s heal"},
    {"reconnect n1", "write: at 1s heal"},
    {"connect n1 n2", "write: at 1s heal"},
    {"packet-loss 5%", "write: net loss 5%"},
    {"packet_loss 5%", "write: net loss 5%"},
    {"fail_rate 0.05", "write: net loss 5% (or 0.05%: tc takes a bare number for percent)"},
    {"latency latency=500", "write: net delay 500ms"},
    {"latency 10ms", "write: net delay 10ms"},
    {"jitter 10ms", "write: net delay 100ms 10ms (a jitter goes with its mean)"},
    {"bandwidth rate=100", "write: net rate 800kbit"},
    {"throttle 1mbit", "write: net rate 1mbit"},
    {"slicer average_size=10", "write: net delay 100ms 50ms (there are no connections and no streams, only messages)"},
    {"limit_data bytes=100", "write: at 1s drop next 10 all -> all (there are no connections and no streams, only messages)"},
    {"reset_peer timeout=10", "write: at 1s drop while 1s all -> all (there are no connections and no streams, only messages)"},
    {"at 1s delay 100ms for 2s", "write: at 1s net delay 100ms for 2s"},
    {"at 1s delay 100ms 10ms", "write: at 1s net delay 100ms 10ms"},
    {"duplicate next 5 n1 -> n2", "write: at 1s dup next 5 n1 -> n2"},
    {"duplicate while 5s n1 -> n2", "write: at 1s dup while 5s n1 -> n2"},
    {"at 1s dup 5%", "write: at 1s net dup 5%"},
    {"at 1s corrupt 5%", "write: at 1s net corrupt 5%"},
    {"at 1s drop 5%", "write: at 1s net loss 5%"},
    {"at 1s drop n1 -> n2 for 2s", "write: at 1s drop while 2s n1 -> n2"},
    {"slot 10ms", "nothing collects messages: leave the slot out"},
    {"at 1s skew n1 +5s", "write: at 1s clock n1 skew +5s"},
    {"bump-clock n1 +5s", "write: at 1s clock n1 jump +5s"},
    {"clock-scrambler", "write: at 1s clock all skew +100ms"},
    {"strobe-clock", "write: at 1s clock all drift +100ppm"},
    {"reset-clock", "write: at 1s clock all skew +0s"},
    {"timeOffset 5s", "write: at 1s clock n1 skew +5s"},
    {"timeOffset -5s", "write: at 1s clock n1 skew -5s"},
    {"at 1s clock n1 jump 5s", "write: at 1s clock n1 jump +5s"},
    {"at 1s clock n1 skew 5s", "write: at 1s clock n1 skew +5s"},
    {"net loss state 1% 10% 50% 5% 1%", "write: net loss gemodel 1% 10% (a link has two states)"},
    {"net loss state 1%", "write: net loss gemodel 1% 99%"},
    {"net loss gemodel 1%", "write: net loss gemodel 1% 99%"},
    {"net loss 1% ecn delay 5ms", "write: net loss 1% delay 5ms"},
    {"net corrupt 1% 50%", "write: net corrupt 1% (there is no correlation of these)"},
    {"net gap 5 reorder 25% 50%", "write: net reorder 25% gap 5 (there is no correlation of these)"},
    {"net latency 10ms", "write: net delay 10ms"},
    {"net delay 10ms jitter 5ms", "write: net delay 10ms 5ms"},
    {"net delay 10ms 5ms correlation 25%", "write: net delay 10ms 5ms 25%"},
    {"net bandwidth 1mbit", "write: net rate 1mbit"},
    {"net packet loss 5%", "write: net loss 5%"},
    {"link n1 -> n2 duplicate 1%", "write: link n1 -> n2 dup 1%"},
    {"net slot 10ms 20ms delay 5ms", "write: net delay 5ms (nothing collects messages: leave the slot out)"},
    {"net delay 5ms loss -1%", "write: net delay 5ms loss 1% (nothing is below 0)"},
    {"at 100ms inc n1 by 1,000,000", "write: at 100ms inc n1 by 1000000"},
    {"nodes 1K", "write: nodes 1k"},
    {"net rate 1mbit queue 64KB", "write: net rate 1mbit queue 64KiB"},
    {"at 1 s inc n1", "write: at 1s inc n1"},
    {"at 1s inc n1; # more", "write: at 1s inc n1"},
    {"loss $p", "write: net loss $p"},
    {"net loss 1.5", "write: net loss 1.5%"},
    {"net loss 0.001", "write: net loss 0.1% (or 0.001%: tc takes a bare number for percent)"},
    {"load 1e3/s even inc 50% on all", "write: load 1000/s even inc 50% on all"},
    {"toxiproxy-cli toxic add --type latency -a latency=1000 redis", "write: net delay 1000ms"},
    {"import \"x.scn\"", "write: include \"x.scn\""},
    {"source \"x.scn\"", "write: include \"x.scn\""},
    {"at 1d inc n1", "write: at 24h inc n1"},
    {"at 100msec inc n1", "write: at 100ms inc n1"},
    {"at 1_000ms inc n1", "write: at 1000ms inc n1"},
    {"net delay 100 ms 10 ms", "write: net delay 100ms 10ms"},
    {"jitter", "write: net delay 100ms 10ms (a jitter goes with its mean)"},
    {"timeout", "write: at 1s drop while 1s all -> all (there are no connections and no streams, only messages)"},
    {"timeout timeout=1000", "write: at 1s drop while 1000ms all -> all (there are no connections and no streams, only messages)"},
    {"timeout 500", "write: stop 500s (for the toxic of that name: at 1s drop while 1s all -> all)"},
    {"slow_close", "write: net delay 100ms (there are no connections and no streams, only messages)"},
    {"slow_close 100ms", "write: net delay 100ms (there are no connections and no streams, only messages)"},
    {"slicer", "write: net delay 100ms 50ms (there are no connections and no streams, only messages)"},
    {"limit_data", "write: at 1s drop next 10 all -> all (there are no connections and no streams, only messages)"},
    {"limit_data 100", "write: at 1s drop next 10 all -> all (there are no connections and no streams, only messages)"},
    {"reset_peer", "write: at 1s drop while 1s all -> all (there are no connections and no streams, only messages)"},
    {"at 1s jitter 10ms", "write: at 1s net delay 100ms 10ms (a jitter goes with its mean)"},
    {"at 1s timeout n1", "write: at 1s drop while 1s n1 -> all (there are no connections and no streams, only messages)"},
    {"at 1s slow_close n1", "write: at 1s link n1 -> all delay 100ms (there are no connections and no streams, only messages)"},
    {"at 1s slicer n1", "write: at 1s link n1 -> all delay 100ms 50ms (there are no connections and no streams, only messages)"},
    {"at 1s limit_data n1", "write: at 1s drop next 10 n1 -> all (there are no connections and no streams, only messages)"},
    {"at 1s limit_data 100", "write: at 1s drop next 10 all -> all (there are no connections and no streams, only messages)"},
    {"at 1s reset_peer n1", "write: at 1s drop while 1s n1 -> all (there are no connections and no streams, only messages)"},
    {"at 1s reset_peer", "write: at 1s drop while 1s all -> all (there are no connections and no streams, only messages)"},
    {"at 1s timeout", "write: at 1s drop while 1s all -> all (there are no connections and no streams, only messages)"},
    {"at 1s latency n1 5s", "write: at 1s link n1 -> all delay 5s (a link of one way is n1 -> n2)"},
    {"at 1s latency @eu 5s", "write: at 1s link @eu -> all delay 5s (a link of one way is n1 -> n2)"},
    {"at 1s loss @eu $p", "write: at 1s link @eu -> all loss $p (a link of one way is n1 -> n2)"},
    {"at 1s latency n1 -> n2 5s", "write: at 1s link n1 -> n2 delay 5s"},
    {"at 1s latency n1 <-> n2 5s", "write: at 1s link n1 <-> n2 delay 5s"},
    {"at 1s delay n1 5ms", "write: at 1s link n1 -> all delay 5ms (a link of one way is n1 -> n2)"},
    {"at 1s delay n1 -> n2 5ms", "write: at 1s link n1 -> n2 delay 5ms"},
    {"at 1s delay n1 <-> n2 5ms", "write: at 1s link n1 <-> n2 delay 5ms"},
    {"at 1s slow n1 5ms", "write: at 1s link n1 -> all delay 5ms (a link of one way is n1 -> n2)"},
    {"at 1s loss n1 10%", "write: at 1s link n1 -> all loss 10% (a link of one way is n1 -> n2)"},
    {"at 1s loss n1 -> n2 10%", "write: at 1s link n1 -> n2 loss 10%"},
    {"at 1s loss n1 <-> n2 10%", "write: at 1s link n1 <-> n2 loss 10%"},
    {"at 1s packet loss n1 10%", "write: at 1s link n1 -> all loss 10% (a link of one way is n1 -> n2)"},
    {"at 1s duplicate n1 10%", "write: at 1s link n1 -> all dup 10% (a link of one way is n1 -> n2)"},
    {"at 1s corrupt n1 10%", "write: at 1s link n1 -> all corrupt 10% (a link of one way is n1 -> n2)"},
    {"at 1s bandwidth n1 1mbit", "write: at 1s link n1 -> all rate 1mbit (a link of one way is n1 -> n2)"},
    {"at 1s drop n1 -> n2", "write: at 1s drop while 1s n1 -> n2"},
    {"at 1s drop n1 <-> n2", "write: at 1s drop while 1s n1 <-> n2"},
    {"at 1s drop n1 -> n2 3s", "write: at 1s drop while 3s n1 -> n2"},
    {"at 1s drop n1", "write: at 1s drop while 1s n1 -> all (a link of one way is n1 -> n2)"},
    {"at 1s link n1 loss 10%", "write: at 1s link n1 -> all loss 10% (a link of one way is n1 -> n2)"},
    {"at 1s link n1 delay 10ms", "write: at 1s link n1 -> all delay 10ms (a link of one way is n1 -> n2)"},
    {"at 1s link n1 latency 10ms", "write: at 1s link n1 -> all delay 10ms (a link of one way is n1 -> n2)"},
    {"at 1s link n1 down", "write: at 1s partition isolate n1"},
    {"at 1s link n1 up", "write: at 1s heal (it ends all partitions; for one, give it a NAME: as a, heal a)"},
    {"at 1s kill -KILL n1", "write: at 1s crash n1"},
    {"at 1s kill -SIGKILL n1", "write: at 1s crash n1"},
    {"at 1s kill -STOP n1", "write: at 1s pause n1"},
    {"at 1s kill -SIGSTOP n1", "write: at 1s pause n1"},
    {"at 1s kill -CONT n1", "write: at 1s resume n1"},
    {"at 1s kill -SIGCONT n1", "write: at 1s resume n1"},
    {"at 1s kill -TERM n1", "write: at 1s stopnode n1"},
    {"at 1s kill -SIGTERM n1", "write: at 1s stopnode n1"},
    {"at 1s kill -15 n1", "write: at 1s stopnode n1"},
    {"at 1s sudo tc qdisc add dev eth0 root netem delay 100ms loss 2%", "write: at 1s net delay 100ms loss 2%"},
    {"at 1s tc qdisc change dev eth0 root handle 1: netem loss 2%", "write: at 1s net loss 2%"},
    {"at 1s tc -s q add dev eth0 parent 1:1 netem loss 2%", "write: at 1s net loss 2%"},
    {"at 1s tc qdisc del dev eth0 root", "write: at 1s net reset"},
    {"at 1s tc qdisc add dev eth0 root tbf rate 1mbit burst 32kbit latency 400ms", "write: at 1s net rate 1mbit"},
    {"at 1s timeout 2s", "write: at 1s drop while 2s all -> all (there are no connections and no streams, only messages)"},
    {"at 1s timeout n1 -> n2", "write: at 1s drop while 1s n1 -> n2 (there are no connections and no streams, only messages)"},
    {"net jitter 10ms", "write: net delay 100ms 10ms (a jitter goes with its mean)"},
    {"net timeout 5s", "write: at 1s drop while 5s all -> all (there are no connections and no streams, only messages)"},
    {"net slow_close 5s", "write: net delay 100ms (there are no connections and no streams, only messages)"},
    {"net slicer 5", "write: net delay 100ms 50ms (there are no connections and no streams, only messages)"},
    {"net limit_data 5", "write: at 1s drop next 10 all -> all (there are no connections and no streams, only messages)"},
    {"net reset_peer", "write: at 1s drop while 1s all -> all (there are no connections and no streams, only messages)"},
    {"link n1 -> n2 jitter 5ms", "write: link n1 -> n2 delay 100ms 5ms (a jitter goes with its mean)"},
    {"link n1 -> n2 timeout", "write: at 1s drop while 1s n1 -> n2 (there are no connections and no streams, only messages)"},
    {"at 1s link n1 -> n2 timeout", "write: at 1s drop while 1s n1 -> n2 (there are no connections and no streams, only messages)"},
    {"at 1s net reset_peer", "write: at 1s drop while 1s all -> all (there are no connections and no streams, only messages)"},
    {"bump-clock", "write: at 1s clock n1 jump +100ms (say whose clock, and how far)"},
    {"at 1s bump-clock n1", "write: at 1s clock n1 jump +100ms (say how far)"},
    {"bump-clock n1", "write: at 1s clock n1 jump +100ms (say how far)"},
    {"bump-clock n1 1s", "write: at 1s clock n1 jump +1s"},
    {"at 1s bump-clock n1 500ms", "write: at 1s clock n1 jump +500ms"},
    {"clock bump n1 500ms", "write: at 1s clock n1 jump +500ms"},
    {"strobe-clock n1", "write: at 1s clock n1 drift +100ppm"},
    {"reset-clock n1", "write: at 1s clock n1 skew +0s"},
    {"clock-scrambler n1", "write: at 1s clock n1 skew +100ms"},
    {"tc qdisc add dev eth0 parent 1:1 handle 10: netem delay 100ms 10ms", "write: net delay 100ms 10ms"},
    {"tc qdisc add dev eth0 handle 10: parent 1:1 netem delay 100ms 10ms", "write: net delay 100ms 10ms"},
    {"tc qdisc replace dev eth0 root handle 1: netem loss 0.1", "write: net loss 0.1%"},
    {"tc qdisc change dev eth0 parent 1:1 handle 10: netem loss 1", "write: at 1s net loss 1%"},
    {"tc qdisc add dev eth0 root netem loss 0.1", "write: net loss 0.1%"},
    {"tc q add dev eth0 root netem loss 0.1", "write: net loss 0.1%"},
    {"tc -s qdisc add dev eth0 root netem loss 0.1", "write: net loss 0.1%"},
    {"delay 10ms-20ms", "write: net delay 10ms..20ms"},
    {"net delay 10ms-20ms", "write: net delay 10ms..20ms"},
    {"net delay 10-20ms", "write: net delay 10ms..20ms"},
    {"delay 10ms to 20ms", "write: net delay 10ms..20ms"},
    {"delay 10..20ms", "write: net delay 10ms..20ms"},
    {"net delay 10..20ms", "write: net delay 10ms..20ms"},
    {"delay uniform 10ms 20ms", "write: net delay 10ms..20ms"},
    {"delay uniform 10ms..20ms", "write: net delay 10ms..20ms"},
    {"net delay uniform 10ms 20ms", "write: net delay 10ms..20ms"},
    {"net delay between 10ms and 20ms", "write: net delay 10ms..20ms"},
    {"at 1s delay 10ms-20ms", "write: at 1s net delay 10ms..20ms"},
    {"heal all", "write: at 1s heal"},
    {"at 1s heal all", "write: at 1s heal"},
    {"at 1s heal n1", "write: at 1s heal (it ends all partitions; for one, give it a NAME: as a, heal a)"},
    {"at 1s heal partition", "write: at 1s heal (it ends all partitions; for one, give it a NAME: as a, heal a)"},
    {"at 1s release all", "write: at 1s release all -> all"},
    {"partition halves 3s", "write: at 1s partition halves for 3s"},
    {"partition halves until 3s", "write: at 1s partition halves for 2s"},
    {"at 1s partition halves 3s", "write: at 1s partition halves for 3s"},
    {"at 1s partition halves until 3s", "write: at 1s partition halves for 2s"},
    {"at 1s partition halves 3s as a", "write: at 1s partition halves for 3s as a"},
    {"at 1s partition n1 | n2 3s", "write: at 1s partition n1 | n2 for 3s"},
    {"at 1s crash n1 3s", "write: at 1s crash n1 for 3s"},
    {"at 1s crash n1 until 3s", "write: at 1s crash n1 for 2s"},
    {"at 1s pause n1 3s", "write: at 1s pause n1 for 3s"},
    {"at 1s hold n1 -> n2 3s", "write: at 1s hold n1 -> n2 for 3s"},
    {"at 1s net delay 5ms until 3s", "write: at 1s net delay 5ms for 2s"},
    {"link n1 n2 delay 5ms", "write: link n1 <-> n2 delay 5ms (a link of one way is n1 -> n2)"},
    {"at 1s link n1 n2 delay 5ms", "write: at 1s link n1 <-> n2 delay 5ms (a link of one way is n1 -> n2)"},
    {"link n1 to n2 delay 5ms", "write: link n1 -> n2 delay 5ms"},
    {"link n1 -- n2 delay 5ms", "write: link n1 <-> n2 delay 5ms (a link of one way is n1 -> n2)"},
    {"at 1s hold n1 n2", "write: at 1s hold n1 <-> n2 (a link of one way is n1 -> n2)"},
    {"SIGKILL n1", "write: at 1s crash n1"},
    {"SIGSTOP n1", "write: at 1s pause n1"},
    {"SIGTERM n1", "write: at 1s stopnode n1"},
    {"Kill n1", "write: at 1s crash n1"},
    {"KILL n1", "write: at 1s crash n1"},
    {"SIGKILL n1 for 2s", "write: at 1s crash n1 for 2s"},
    {"expect eventually converged", "write: expect converged"},
    {"expect eventually converged at 5s", "write: expect converged at 5s"},
    {"expect always value >= 0", "write: always value >= 0"},
    {"expect convergence", "write: expect converged"},
    {"inc 1", "write: at 1s inc n1 by 1 (say on which node: the first is n1)"},
    {"at 1s inc 1", "write: at 1s inc n1 by 1 (say on which node: the first is n1)"},
    {"at 1s inc 1..3", "write: at 1s inc n1 by 1..3 (say on which node: the first is n1)"},
    {"inc node1", "write: at 1s inc n1"},
    {"at 1s inc node1", "write: at 1s inc n1"},
    {"at 1s inc node 1", "write: at 1s inc n1"},
    {"at 1s inc node-1", "write: at 1s inc n1"},
    {"at 1s inc N1", "write: at 1s inc n1"},
    {"at 1s inc server1", "write: at 1s inc n1"},
    {"at 1s crash 1", "write: at 1s crash n1"},
    {"at 1s crash node1", "write: at 1s crash n1"},
    {"at 1s partition node1 | node2", "write: at 1s partition n1 | n2"},
    {"at 1s partition 1 | 2", "write: at 1s partition n1 | n2"},
    {"at 1s partition n1 | 2", "write: at 1s partition n1 | n2"},
    {"at 1s inc node1 x3", "write: at 1s inc n1 x3"},
    {"at 1s inc node1..node3", "write: at 1s inc n1..n3"},
    {"delay 100ms\xC2\xB1" "20ms", "write: net delay 100ms 20ms"},
    {"net delay 100ms\xC2\xB1" "20ms", "write: net delay 100ms 20ms"},
    {"net delay 100ms+-20ms", "write: net delay 100ms 20ms"},
    {"net delay 100ms +- 20ms", "write: net delay 100ms 20ms"},
    {"net delay 100ms +-20ms", "write: net delay 100ms 20ms"},
    {"net delay 100ms+/-20ms", "write: net delay 100ms 20ms"},
    {"loss 0.1", "write: net loss 10% (or 0.1%: tc takes a bare number for percent)"},
    {"netem loss 0.1", "write: net loss 0.1%"},
    {"heal network", "write: at 1s heal"},
    {"heal partitions", "write: at 1s heal"},
    {"hold n1 to n2", "write: at 1s hold n1 -> n2"},
    {"at 1s hold n1 and n2 for 2s", "write: at 1s hold n1 <-> n2 for 2s (a link of one way is n1 -> n2)"},
    {"at 1s hold n1 <-> n2 3s", "write: at 1s hold n1 <-> n2 for 3s"},
    {"at 1s release n1 n2", "write: at 1s release n1 <-> n2 (a link of one way is n1 -> n2)"},
    {"at 1s partition for 3s", "write: at 1s partition halves for 3s"},
    {"at 1s partition n1 3s", "write: at 1s partition isolate n1 for 3s"},
    {"at 1s partition isolate n1 3s", "write: at 1s partition isolate n1 for 3s"},
    {"at 1s partition isolate 1", "write: at 1s partition isolate n1"},
    {"at 1s restart 2", "write: at 1s restart n2"},
    {"at 1s pause 2", "write: at 1s pause n2"},
    {"at 1s resume 2", "write: at 1s resume n2"},
    {"at 1s dec", "write: at 1s dec n1 (say on which node: the first is n1)"},
    {"at 1s inc", "write: at 1s inc n1 (say on which node: the first is n1)"},
    {"at 1s dec 3", "write: at 1s dec n1 by 3 (say on which node: the first is n1)"},
    {"at 1s dec by 3", "write: at 1s dec n1 by 3 (say on which node: the first is n1)"},
    {"at 1s inc by 3", "write: at 1s inc n1 by 3 (say on which node: the first is n1)"},
    {"at 1s inc n1 3", "write: at 1s inc n1 by 3"},
    {"at 1s dec n1 3", "write: at 1s dec n1 by 3"},
    {"node 1 sync 10ms", "write: node n1 sync 10ms"},
    {"at 1s dec up until 9s", "write: every 1s from 1s to 9s dec up"},
    {"at 1s partition halves until 3s as a", "write: at 1s partition halves for 2s as a"},
    {"link between n1 and n2 delay 5ms", "write: link n1 <-> n2 delay 5ms (a link of one way is n1 -> n2)"},
    {"link n1 and n2 delay 5ms", "write: link n1 <-> n2 delay 5ms (a link of one way is n1 -> n2)"},
    {"link n1 -> n2 slow_close", "write: link n1 -> n2 delay 100ms (there are no connections and no streams, only messages)"},
    {"link n1 -> n2 slicer", "write: link n1 -> n2 delay 100ms 50ms (there are no connections and no streams, only messages)"},
    {"link n1 -> n2 limit_data 5", "write: at 1s drop next 10 n1 -> n2 (there are no connections and no streams, only messages)"},
    {"link n1 -> n2 reset_peer", "write: at 1s drop while 1s n1 -> n2 (there are no connections and no streams, only messages)"},
    {"link n1 -> n2 timeout 500", "write: at 1s drop while 500ms n1 -> n2 (there are no connections and no streams, only messages)"},
    {"limit_data n1 -> n2", "write: at 1s drop next 10 n1 -> n2 (there are no connections and no streams, only messages)"},
    {"reset_peer n1 -> n2", "write: at 1s drop while 1s n1 -> n2 (there are no connections and no streams, only messages)"},
    {"jitter jitter=30", "write: net delay 100ms 30ms (a jitter goes with its mean)"},
    {"net jitter 10ms delay 50ms", "write: net delay 50ms 10ms"},
    {"latency 10ms to 20ms", "write: net delay 10ms..20ms"},
    {"net delay 10ms - 20ms", "write: net delay 10ms..20ms"},
    {"tc qdisc replace dev eth0 root tbf rate 1mbit burst 32kbit latency 400ms", "write: net rate 1mbit"},
    {"tc qdisc add dev eth0 root netem loss gemodel 1 10 70 0.1", "write: net loss gemodel 1% 10% 70% 0.1%"},
    {"tc qdisc add dev eth0 root netem duplicate 0.5", "write: net dup 0.5%"},
    {"net delay 10ms\xE2\x80\x93" "20ms", "write: net delay 10ms..20ms"},
    {"net delay 1e1..2e1ms", "write: net delay 10ms..20ms"},
    {"net delay 1min..2min", "write: net delay 1m..2m"},
    {"at 1..2s kill n1", "write: at 1s..2s crash n1"},
    {"seeds 1-9", "write: seeds 1..9"},
    {"wait until 5s", "write: at 5s inc n1 (each statement says when it comes)"},
    {"every 1s inc n1 until 9s", "write: every 1s to 9s inc n1"},
    {"load 10/s even inc 60% on all until 9s", "write: load 10/s even inc 60% on all to 9s"},
    {"at 1s inc up until 9s", "write: every 1s from 1s to 9s inc up"},
    {"expect value == 5\xC2\xB1" "10%", "write: expect value == 5 +- 10%"},
    {"at 1s release n1", "write: at 1s release n1 <-> all"},
    {"expect converged until 9s", "write: expect converged at 9s"},
    {"expect never value < 0", "write: never value < 0"},
    {"at 1s crash Node_2,host3", "write: at 1s crash n2,n3"},
    {"at 1s inc !replica2", "write: at 1s inc !n2"},
    {"net loss 1.0", "write: net loss 100% (or 1%: tc takes a bare number for percent)"},
    {"loss gemodel 0.01 0.1", "write: net loss gemodel 1% 10% (or 0.01%: tc takes a bare number for percent)"},
    {"tc qdisc change dev eth0 root netem reorder 25 50 delay 10ms", "write: at 1s net reorder 25% delay 10ms (there is no correlation of these)"},
    /* clang-format on */
};

#define TABLE_LEN (sizeof(table) / sizeof(table[0]))

Test(foreign, each_says_what_to_write)
{
    for (size_t i = 0; i < TABLE_LEN; i++) {
        struct foreign_help help = {0};

        cr_expect(foreign_help(table[i].line, strlen(table[i].line), &help));
        cr_expect(strcmp(help.text, table[i].said) == 0, "%s\nexpected: %s\nsaid:     %s",
                  table[i].line, table[i].said, help.text);
    }
}

#define NODES "nodes 5\ngroup eu = n1..n2\n"

/* Also of those that the parser gives without a trial. */
Test(foreign, what_is_to_be_written_has_no_error)
{
    for (size_t i = 0; i < TABLE_LEN; i++) {
        struct foreign_help help = {0};
        char text[2048];
        struct parsed parsed;

        foreign_help(table[i].line, strlen(table[i].line), &help);
        if (strncmp(help.lines, "include", 7) == 0) /* of what is not here */
            continue;
        snprintf(text, sizeof(text), "scn 1\nparam p = 5%%\n%s%s\n%s",
                 strncmp(help.lines, "nodes", 5) == 0 ? "" : NODES, help.lines,
                 strncmp(help.lines, "stop", 4) == 0 ? "" : "stop 100000h\n");
        parsed = parsed_of("a.scn", text, strlen(text), NULL);
        cr_expect(parsed.rc == 0, "'%s' is to become\n%s\nwhich has errors:\n%s", table[i].line,
                  help.lines, parsed.errors);
        parsed_release(&parsed);
    }
}

/* What would be an error again is not said. */
Test(foreign, silence_where_more_is_wrong)
{
    static const char *const bodies[] = {
        "at 1s kill n9",
        "at 1s inc n1 \xE2\x86\x92 n2",
        "at 1s corrupt 5% n1 -> n2",
        "at 1s partition n1 |",
        "loss 200%",
        "at 1s inc 5$k",
        "at 1s inc $k$k",
        "at 9s partition halves until 3s",
        "at 1s expect converged until 3s",
        "kill n1 n2",
        "at 1s latency @none 5s", /* nobody has said what these are */
        "loss $none",
        "at 1s latency random(2) of all 5s",
    };

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        char text[256];
        struct parsed parsed;

        snprintf(text, sizeof(text), "scn 1\nnodes 5\n%s\nstop 10s\n", bodies[i]);
        parsed = parsed_of("a.scn", text, strlen(text), NULL);
        cr_expect(parsed.rc < 0 && !strstr(parsed.errors, "write: "), "%s", parsed.errors);
        parsed_release(&parsed);
    }
}

/* It is said behind the error of its statement, and in the place of a guess. */
Test(foreign, it_is_said_with_the_error)
{
    for (size_t i = 0; i < TABLE_LEN; i++) {
        bool nodes = strncmp(table[i].line, "nodes", 5) == 0;
        char text[1024], ending[FOREIGN_TEXT_MAX + 8];
        struct parsed parsed;

        snprintf(text, sizeof(text), "scn 1\nparam p = 5%%\n%s%s\nstop 100000h\n",
                 nodes ? "" : NODES, table[i].line);
        snprintf(ending, sizeof(ending), "; %s\n", table[i].said);
        parsed = parsed_of("a.scn", text, strlen(text), NULL);
        cr_expect(parsed.rc < 0 && strstr(parsed.errors, ending) != NULL, "%s\n%s", table[i].line,
                  parsed.errors);
        cr_expect(!strstr(parsed.errors, "did you mean"), "%s", parsed.errors);
        parsed_release(&parsed);
    }
}

/* Has @line all words of @from that are no letters? */
static bool has_words(const char *line, const char *from)
{
    for (size_t len; *from; from += len + (from[len] == ' ')) {
        char word[64];

        len = strcspn(from, " ");
        snprintf(word, sizeof(word), "%.*s", (int)len, from);
        if (word[strspn(word, "*MNSUVWXY+-")] != '\0' && !strstr(line, word))
            return false;
    }
    return true;
}

static bool is_tried(const struct foreign_row *row)
{
    for (size_t i = 0; i < TABLE_LEN; i++)
        if (has_words(table[i].line, row->from))
            return true;
    return false;
}

Test(foreign, each_row_is_tried)
{
    const struct foreign_row *const tables[] = {foreign_statements, foreign_actions, foreign_rules};
    size_t rows = 0;

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        for (const struct foreign_row *row = tables[i]; row->from; row++, rows++)
            cr_expect(is_tried(row), "no line for '%s'", row->from);
    cr_expect(rows > 150);
}

/* What has no foreign word has nothing said about it, however wrong it is. */
Test(foreign, silence_about_the_rest)
{
    static const char *const lines[] = {
        "",
        " ",
        "scn 1",
        "at 1s inc n1",
        "at 1s crash n9",
        "net delay 100ms 10ms 25% normal loss gemodel 1% 10% 70% 0.1%",
        "net dup 1% corrupt 0.1% reorder 25% gap 5 rate 1mbit queue 64KiB",
        "at 1s partition halves for 2s as split",
        "every 1s from 2s to 9s inc n1 by 1..3 x2",
        "sweep k = 1,200,300",
        "sweep k = 1, 200, 300",
        "at 1s clock n1 skew -1s",
        "at 1s disk n1 slow 10ms",
        "at 1s drop next 5 n1 -> n2",
        "expect value of n3 == -5 on n3 at 2s",
        "load 10/s poisson inc 60% dec 40% on up to 9s",
        "frobnicate",
        "at 1s frobnicate n1 # kill n1",
        "include \"kill 1e3.scn\"",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct foreign_help help = {0};

        cr_expect(!foreign_help(lines[i], strlen(lines[i]), &help), "%s\nsaid: %s", lines[i],
                  help.text);
    }
}

/* Longer, wider or stranger than any person writes. */
Test(foreign, silence_about_what_is_no_text_of_a_person)
{
    struct foreign_help help;
    char text[4096];

    memset(text, 'a', sizeof(text));
    memcpy(text, "kill ", 5);
    cr_expect(!foreign_help(text, sizeof(text), &help));
    cr_expect(!foreign_help(text, 300, &help), "one word of 295 bytes");
    for (size_t i = 4; i < sizeof(text); i += 2)
        text[i] = ' ';
    cr_expect(!foreign_help(text, 350, &help), "170 words");
    cr_expect(!foreign_help("kill \xFFn1", 8, &help));
    cr_expect(!foreign_help("kill \001n1", 8, &help));
    for (size_t len = 0; len <= 12; len++) /* reads no further */
        (void)foreign_help("kill n1,n2", len < 10 ? len : 10, &help);
}

/* ---- docs/netem.md ---- */

#define PAGE "docs/netem.md"

/* The text between the first two '`' from @at on; the place behind it, or NULL. */
static const char *take_quoted(const char *at, const char *end, char ret[static 256])
{
    const char *from = memchr(at, '`', (size_t)(end - at)), *to;

    if (!from)
        return NULL;
    to = memchr(from + 1, '`', (size_t)(end - from - 1));
    cr_assert(to != NULL && to - from < 256);
    snprintf(ret, 256, "%.*s", (int)(to - from - 1), from + 1);
    return to + 1;
}

static void expect_line_parses(const char *line)
{
    struct parsed parsed = parsed_body(line);

    parsed_release(&parsed);
}

/* What the page says of a line is what is said when it is pasted, and has no error. */
static void expect_row(const char *line, const char *end)
{
    char netem[256], ours[256];
    const char *rest = take_quoted(line, end, netem);
    struct foreign_help help = {0};

    cr_assert(rest != NULL && foreign_help(netem, strlen(netem), &help), "%s", netem);
    if (!take_quoted(rest, end, ours)) {
        cr_expect(strncmp(rest, " | nothing: ", 12) == 0 && help.lines[0] == '\0', "%s", netem);
        return;
    }
    cr_expect(strcmp(help.lines, ours) == 0, "%s\nthe page: %s\nthe error: %s", netem, ours,
              help.lines);
    expect_line_parses(ours);
}

Test(foreign, the_page_for_netem_is_true)
{
    size_t len, rows = 0, lines = 0;
    char *page = golden_read(PAGE, &len);
    bool code = false;

    cr_assert(page != NULL);
    for (const char *at = page, *end; at < page + len; at = end + 1) {
        end = memchr(at, '\n', (size_t)(page + len - at));
        cr_assert(end != NULL);
        if (strncmp(at, "```", 3) == 0) {
            code = !code;
        } else if (code) {
            char line[256];

            snprintf(line, sizeof(line), "%.*s", (int)(end - at), at);
            expect_line_parses(line);
            lines++;
        } else if (strncmp(at, "| `", 3) == 0) {
            expect_row(at, end);
            rows++;
        }
    }
    cr_expect(rows > 20 && lines == 3);
    free(page);
}

/* ---- numbers ---- */

Test(foreign, numbers)
{
    static const struct {
        const char *text, *ours;
    } numbers[] = {
        {"1e3", "1000"},
        {"1E3", "1000"},
        {"1.5e3", "1500"},
        {"25e-1s", "2.5s"},
        {"0x1F", "31"},
        {"1_000_000", "1000000"},
        {"1,000,000", "1000000"},
        {".5", "0.5"},
        {"5.", "5"},
        {"1h30m", "90m"},
        {"1m30s", "90s"},
        {"1s500ms", "1500ms"},
        {"2d", "48h"},
        {"1.5min", "1.5m"},
        {"0.1GB/s", "0.8gbit"},
        {"1GiB", "1024MiB"},
        {"1.123456789sec", "1.123456789s"},
        /* in our form, or no number of anybody */
        {"1000", NULL},
        {"1.5s", NULL},
        {"5%", NULL},
        {"1,00", NULL},
        {"1,0000", NULL},
        {"0x", NULL},
        {"1e3q", NULL},
        {"1e", NULL},
        {"1e99", NULL},
        {"n1", NULL},
        {"", NULL},
        {".", NULL},
        {"..", NULL},
        {"1..2", NULL},
        {"99999999999999999999999999min", NULL},
        {"1e-30s", NULL},
        {"1.1234567891sec", NULL},
    };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        char ours[FOREIGN_VALUE_MAX] = "";
        const char *text = numbers[i].text, *note;
        bool odd = foreign_value(text, strlen(text), ours, &note);

        cr_expect(odd == (numbers[i].ours != NULL), "%s: %s", text, ours);
        if (odd && numbers[i].ours)
            cr_expect(strcmp(ours, numbers[i].ours) == 0, "%s: %s", text, ours);
    }
}

Test(foreign, ranges_and_nodes)
{
    static const struct {
        const char *text, *range, *nodes;
    } words[] = {
        {"10ms-20ms", "10ms..20ms", NULL},
        {"10-20ms", "10ms..20ms", NULL},
        {"10..20ms", "10ms..20ms", NULL},
        {"1e3..2e3", "1000..2000", NULL},
        {"1min-2min", "1m..2m", NULL},
        {"0.5..1.5%", "0.5%..1.5%", NULL},
        {"1-.5s", "1s..0.5s", NULL},
        {"25e-1s-3s", "2.5s..3s", NULL},
        {"1..3k", NULL, NULL}, /* one to three thousand, as it is */
        {"1..3", NULL, NULL},
        {"1s..3s", NULL, NULL},
        {"25e-1s", NULL, NULL},
        {"1-", NULL, NULL},
        {"1..", NULL, NULL},
        {"-1", NULL, NULL},
        {"1-x", NULL, NULL},
        {"node1", NULL, "n1"},
        {"Node_12", NULL, "n12"},
        {"server-3,n4", NULL, "n3,n4"},
        {"N1..N3,!host2", NULL, "n1..n3,!n2"},
        {"node1..3", NULL, "n1..n3"},
        {"n1", NULL, NULL},
        {"n1..n3", NULL, NULL},
        {"node", NULL, NULL},
        {"nodes", NULL, NULL},
        {"node1x", NULL, NULL},
        {"node1,", NULL, NULL},
        {"node1...3", NULL, NULL},
        {"!", NULL, NULL},
        {"", NULL, NULL},
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        char ours[FOREIGN_VALUE_MAX] = "";
        const char *text = words[i].text, *note;

        cr_expect(foreign_range(text, strlen(text), ours, &note) == (words[i].range != NULL) &&
                      (!words[i].range || strcmp(ours, words[i].range) == 0),
                  "%s: %s", text, ours);
        cr_expect(foreign_nodes(text, strlen(text), ours) == (words[i].nodes != NULL) &&
                      (!words[i].nodes || strcmp(ours, words[i].nodes) == 0),
                  "%s: %s", text, ours);
    }
}

/* A range and nodes of any length, each read to its end and no further. */
Test(foreign, long_ranges_and_nodes)
{
    char text[4 * FOREIGN_VALUE_MAX], ours[FOREIGN_VALUE_MAX];
    const char *note;

    for (size_t len = 0; len < sizeof(text); len++)
        text[len] = "node1,"[len % 6];
    for (size_t len = 0; len < sizeof(text); len++)
        (void)foreign_nodes(text, len, ours);
    memset(text, '1', sizeof(text));
    for (size_t dash = 1; dash < sizeof(text) - 1; dash++) {
        text[dash] = '-';
        (void)foreign_range(text, sizeof(text), ours, &note);
        (void)foreign_range(text, dash + 2, ours, &note);
        text[dash] = '1';
    }
}
