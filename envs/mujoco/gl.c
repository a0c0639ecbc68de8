/* gl.c - an OpenGL context without a window or a display, by EGL.
 *
 * Why EGL and not OSMesa, which is one library and draws the same pictures: Mesa 25.1 dropped
 * OSMesa, and MuJoCo finds OpenGL's functions in the libGL of a program that has one loaded, where
 * OSMesa's contexts are unknown.
 */
#include "envs/mujoco/gl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "tensor/tensor.h"

#define PACKAGES "apt-get install libegl1 libegl-mesa0 libgl1-mesa-dri"

/* The names and numbers of EGL 1.4, and of EGL_MESA_platform_surfaceless. */
enum {
    EGL_RED_SIZE = 0x3024,
    EGL_GREEN_SIZE = 0x3023,
    EGL_BLUE_SIZE = 0x3022,
    EGL_DEPTH_SIZE = 0x3025,
    EGL_SURFACE_TYPE = 0x3033,
    EGL_PBUFFER_BIT = 1,
    EGL_RENDERABLE_TYPE = 0x3040,
    EGL_OPENGL_BIT = 8,
    EGL_NONE = 0x3038,
    EGL_OPENGL_API = 0x30A2,
    EGL_PLATFORM_SURFACELESS_MESA = 0x31DD
};

/* The part of EGL that is used here; handles are pointers. */
static struct {
    void *(*GetProcAddress)(const char *name);
    unsigned (*Initialize)(void *display, int32_t *major, int32_t *minor);
    unsigned (*BindAPI)(unsigned api);
    unsigned (*ChooseConfig)(void *display, const int32_t *wanted, void **configs, int32_t size,
                             int32_t *count);
    void *(*CreateContext)(void *display, void *config, void *share, const int32_t *attributes);
    unsigned (*DestroyContext)(void *display, void *context);
    unsigned (*MakeCurrent)(void *display, void *draw, void *read, void *context);
    int32_t (*GetError)(void);
} egl;

/* One display for the whole program, never closed: contexts share it. */
static void *display;
static sg_error failure;
static pthread_once_t opened = PTHREAD_ONCE_INIT;

struct sg_gl {
    void *config, *context;
};

/* ---- the library ---- */

/* One function of the library; a name that is missing leaves NULL. */
#define FIND(library, name) (*(void **)&egl.name = dlsym(library, "egl" #name))

static bool load(sg_error *error)
{
    /* kept open: Mesa does not survive being unloaded */
    void *library = dlopen("libEGL.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return sg_fail(error, "pictures of MuJoCo tasks need Mesa's EGL: " PACKAGES);
    bool found = FIND(library, GetProcAddress) && FIND(library, Initialize) &&
                 FIND(library, BindAPI) && FIND(library, ChooseConfig) &&
                 FIND(library, CreateContext) && FIND(library, DestroyContext) &&
                 FIND(library, MakeCurrent) && FIND(library, GetError);
    return found || sg_fail(error, "libEGL.so.1 lacks functions of EGL 1.4: " PACKAGES);
}

/* Mesa's platform that needs neither X nor Wayland nor a graphics processor. */
static void open_display(void)
{
    void *(*get)(unsigned platform, void *native, const int32_t *attributes);
    int32_t major, minor;
    if (!load(&failure))
        return;
    *(void **)&get = egl.GetProcAddress("eglGetPlatformDisplayEXT");
    void *found = get ? get(EGL_PLATFORM_SURFACELESS_MESA, NULL, NULL) : NULL;
    if (found && egl.Initialize(found, &major, &minor) && egl.BindAPI(EGL_OPENGL_API)) {
        display = found;
        return;
    }
    sg_fail(&failure, "EGL cannot draw without a display here (error 0x%x); Mesa's can: " PACKAGES,
            (unsigned)egl.GetError());
}

/* ---- contexts ---- */

/* Colours of 8 bits and a depth; MuJoCo makes its own buffers. */
static bool make_context(sg_gl *gl, sg_error *error)
{
    static const int32_t wanted[] = {EGL_SURFACE_TYPE,
                                     EGL_PBUFFER_BIT,
                                     EGL_RENDERABLE_TYPE,
                                     EGL_OPENGL_BIT,
                                     EGL_RED_SIZE,
                                     8,
                                     EGL_GREEN_SIZE,
                                     8,
                                     EGL_BLUE_SIZE,
                                     8,
                                     EGL_DEPTH_SIZE,
                                     24,
                                     EGL_NONE};
    int32_t count = 0;
    if (egl.ChooseConfig(display, wanted, &gl->config, 1, &count) && count == 1)
        gl->context = egl.CreateContext(display, gl->config, NULL, NULL);
    return gl->context || sg_fail(error, "EGL gives no OpenGL context (error 0x%x): " PACKAGES,
                                  (unsigned)egl.GetError());
}

sg_gl *sg_gl_new(sg_error *error)
{
    pthread_once(&opened, open_display);
    if (!display) {
        sg_fail(error, "%s", failure.text);
        return NULL;
    }
    sg_gl *gl = sg_alloc(sizeof *gl);
    if (make_context(gl, error))
        return gl;
    free(gl);
    return NULL;
}

void sg_gl_free(sg_gl *gl)
{
    if (gl)
        egl.DestroyContext(display, gl->context);
    free(gl);
}

/* Without a surface: MuJoCo draws into a buffer of its own. */
bool sg_gl_enter(sg_gl *gl, sg_error *error)
{
    /* the API is chosen per thread */
    bool ok = egl.BindAPI(EGL_OPENGL_API) && egl.MakeCurrent(display, NULL, NULL, gl->context);
    return ok || sg_fail(error, "EGL cannot use its OpenGL context (error 0x%x)",
                         (unsigned)egl.GetError());
}

void sg_gl_leave(sg_gl *gl)
{
    (void)gl;
    egl.MakeCurrent(display, NULL, NULL, NULL);
}
