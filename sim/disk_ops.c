/* One call of the disk for each. */
#include "sim/disk_ops.h"

#include "core/env.h"
#include "sim/disk.h"

static int on_append(void *ctx, const char *file, const void *bytes, size_t len)
{
    return disk_append(ctx, file, bytes, len);
}

/* How long it takes is nobody's concern: who asks ends it. */
static void on_sync(void *ctx, uint64_t token)
{
    (void)disk_sync_begin(ctx, token);
}

static int on_read(void *ctx, const char *file, uint64_t offset, void *bytes, size_t len,
                   size_t *ret_len)
{
    return disk_read(ctx, file, offset, bytes, len, ret_len);
}

static int on_truncate(void *ctx, const char *file, uint64_t len)
{
    return disk_truncate(ctx, file, len);
}

static int on_remove(void *ctx, const char *file)
{
    return disk_remove(ctx, file);
}

static int on_list(void *ctx, void (*each)(void *each_ctx, const char *file, uint64_t size),
                   void *each_ctx)
{
    return disk_list(ctx, each, each_ctx);
}

void disk_ops(struct env_ops *ops)
{
    ops->disk_append = on_append;
    ops->disk_sync = on_sync;
    ops->disk_read = on_read;
    ops->disk_truncate = on_truncate;
    ops->disk_remove = on_remove;
    ops->disk_list = on_list;
}
