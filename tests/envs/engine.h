/* engine.h - which MuJoCo the tests run on: golden data is of 2.2.2, and newer engines differ. */
#ifndef TEST_ENGINE_H
#define TEST_ENGINE_H

#include <mujoco/mujoco.h>
#include <stdbool.h>
#include <string.h>

/* The engine whose numbers were recorded: they must be equal to the last bit. */
static inline bool recorded_engine(void) { return mj_version() == 222; }

/* The task refuses to run on this engine, as Gymnasium's does. */
static inline bool refuses_engine(const char *id)
{
    return mj_version() >= 300 && strcmp(id, "Pusher-v4") == 0;
}

#endif
