/*
 * A byte fuzzer without its engine, for every compiler: each file named, and
 * each file in a folder named, is one input.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static size_t inputs;

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    size_t len = 0, cap = 0, got;

    if (!file)
        return -1;
    do {
        if (len == cap) {
            cap = cap ? 2 * cap : 4096;
            bytes = realloc(bytes, cap);
            if (!bytes)
                abort();
        }
        got = fread(bytes + len, 1, cap - len, file);
        len += got;
    } while (got > 0);
    if (ferror(file)) {
        fclose(file);
        free(bytes);
        return -1;
    }
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, len);
    inputs++;
    free(bytes);
    return 0;
}

static int replay(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    int rc = 0;

    if (!folder)
        return errno == ENOTDIR ? replay_file(path) : -1;
    while (rc == 0 && (entry = readdir(folder))) {
        size_t len = strlen(path) + strlen(entry->d_name) + 2;
        char *inside = malloc(len);

        if (!inside)
            abort();
        snprintf(inside, len, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.')
            rc = replay(inside);
        free(inside);
    }
    closedir(folder);
    return rc;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (replay(argv[i]) < 0) {
            perror(argv[i]);
            return 2;
        }
    }
    printf("%zu inputs\n", inputs);
    return inputs > 0 ? 0 : 2;
}
