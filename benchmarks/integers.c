/* The integer header of argmax 8 against a loop written by hand and onnxruntime's C library, all called from here.

   Use: integers MODEL.onnx (the same network in float32). Prints nanoseconds of processor time per row, least of five:
   the header and the loop on batches of 1024 rows (the compiler knows how many, and that nothing overlaps), the header in
   a call for each row, and onnxruntime at batch 1.
   onnxruntime's wheel has the library without its header, so the functions are taken from its table by their place,
   which is fixed from version to version. */
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "network.h"

void one(const int32_t *x, int32_t *y);

#ifdef ALONE /* a file of its own, so that each of the two has one copy, inside its caller */
void one(const int32_t *x, int32_t *y)
{
    relumax_network(x, y);
}
#else

#define N 8
#define ROWS 1024

typedef struct {
    const void *const *(*api)(uint32_t version);
    const char *(*version)(void);
} Base;
const Base *OrtGetApiBase(void);

typedef void *Status;
enum { CREATE_ENV = 3, CREATE_SESSION = 7, RUN = 9, CREATE_OPTIONS = 10, INTRA_THREADS = 24, TENSOR = 49, CPU_MEMORY = 69 };

static int32_t X[ROWS * N], Y[ROWS], Z[ROWS];
static volatile int32_t kept;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

__attribute__((noipa)) static void network(const int32_t *restrict x, int32_t *restrict y)
{
    for (long r = 0; r < ROWS; r++)
        relumax_network(x + r * N, y + r);
}

__attribute__((noipa)) static void by_hand(const int32_t *restrict x, int32_t *restrict y)
{
    for (long r = 0; r < ROWS; r++) {
        const int32_t *v = x + r * N;
        int32_t best = 0;
        for (int32_t i = 1; i < N; i++)
            if (v[i] > v[best])
                best = i;
        y[r] = best;
    }
}

static void done(Status status)
{
    if (status) {
        fprintf(stderr, "onnxruntime refuses\n");
        exit(2);
    }
}

/* Nanoseconds a row of a batch of 1 through onnxruntime, one thread. */
static double runtime(const char *file)
{
    const void *const *api = OrtGetApiBase()->api(17);
    void *env, *options, *session, *memory, *in, *out = NULL;
    float row[N];
    int64_t shape[2] = {1, N};
    const char *inputs[1] = {"x"}, *outputs[1] = {"y"};
    done(((Status (*)(int, const char *, void **))api[CREATE_ENV])(3, "relumax", &env));
    done(((Status (*)(void **))api[CREATE_OPTIONS])(&options));
    done(((Status (*)(void *, int))api[INTRA_THREADS])(options, 1));
    done(((Status (*)(void *, const char *, void *, void **))api[CREATE_SESSION])(env, file, options, &session));
    done(((Status (*)(int, int, void **))api[CPU_MEMORY])(0, 0, &memory));
    done(((Status (*)(void *, void *, size_t, const int64_t *, size_t, int, void **))api[TENSOR])(
        memory, row, sizeof row, shape, 2, 1, &in));
    float answer[1];
    int64_t one[2] = {1, 1};
    done(((Status (*)(void *, void *, size_t, const int64_t *, size_t, int, void **))api[TENSOR])(
        memory, answer, sizeof answer, one, 2, 1, &out));
    double least = 1e30;
    for (int again = 0; again < 5; again++) {
        double start = now();
        for (int r = 0; r < ROWS; r++) {
            for (int i = 0; i < N; i++)
                row[i] = (float)X[r * N + i];
            done(((Status (*)(void *, void *, const char *const *, const void *const *, size_t, const char *const *,
                              size_t, void **))api[RUN])(session, NULL, inputs, (const void *const *)&in, 1, outputs, 1, &out));
            if ((int32_t)answer[0] != Z[r])
                exit(3);
        }
        double taken = (now() - start) / ROWS;
        least = taken < least ? taken : least;
    }
    return least;
}

int main(int count, char **words)
{
    double least[3] = {1e30, 1e30, 1e30};
    srand(1);
    for (int i = 0; i < ROWS * N; i++)
        X[i] = rand() % 2001 - 1000;
    for (int again = 0; again < 5; again++) {
        double at[4];
        at[0] = now();
        for (int k = 0; k < 1000; k++)
            network(X, Y);
        at[1] = now();
        for (int k = 0; k < 1000; k++)
            by_hand(X, Z);
        at[2] = now();
        for (long k = 0; k < 1000L * ROWS; k++) {
            one(X + k % ROWS * N, Y);
            kept = Y[0];
        }
        at[3] = now();
        for (int k = 0; k < 3; k++) {
            double taken = (at[k + 1] - at[k]) / 1000 / ROWS;
            least[k] = taken < least[k] ? taken : least[k];
        }
    }
    network(X, Y);
    if (memcmp(Y, Z, sizeof Y))
        return 1;
    printf("%.2f %.2f %.2f %.1f\n", least[0], least[1], least[2], count > 1 ? runtime(words[1]) : 0.0);
    return 0;
}
#endif
