/* painter.c - pictures of a MuJoCo simulation, drawn by MuJoCo itself without a display. */
#include "envs/mujoco/painter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/mujoco/gl.h"
#include "envs/mujoco/guard.h"
#include "tensor/tensor.h"

struct sg_mujoco_painter {
    sg_gl *gl;
    mjrContext context; /* buffers and lists in the OpenGL context, for pictures of one size */
    mjvScene scene;
    mjvCamera camera;
    mjvOption option;
    int width, height;
};

/* What the guarded calls work on. */
typedef struct {
    sg_mujoco_painter *painter;
    mjModel *model;
    mjData *data;
    sg_picture *picture;
} job;

/* ---- getting ready ---- */

/* As in Gymnasium the one called "track" comes first. */
static void choose_camera(const mjModel *model, mjvCamera *camera)
{
    mjv_defaultFreeCamera(model, camera);
    if (model->ncam == 0)
        return;
    int track = mj_name2id(model, mjOBJ_CAMERA, "track");
    camera->type = mjCAMERA_FIXED;
    camera->fixedcamid = track >= 0 ? track : 0;
}

/* Models with a sky of their own are shown as they are. */
static bool has_sky(const mjModel *model)
{
    for (int i = 0; i < model->ntex; i++) {
        if (model->tex_type[i] == mjTEXTURE_SKYBOX)
            return true;
    }
    return false;
}

/* Others fade into a pale one, which begins before the end of what is drawn. */
static void add_fog(const mjModel *model, sg_mujoco_painter *p)
{
    static const float sky[4] = {0.86f, 0.91f, 0.96f, 1};
    memcpy(p->context.fogRGBA, sky, sizeof sky);
    double end = fmin(12, 0.8 * model->vis.map.zfar) * model->stat.extent;
    p->context.fogStart = (float)(0.25 * end);
    p->context.fogEnd = (float)end;
    p->scene.flags[mjRND_FOG] = 1;
}

/* The buffers have the size of the picture, which the model's settings decide. */
static void prepare(void *argument)
{
    const job *j = argument;
    sg_mujoco_painter *p = j->painter;
    struct mjVisual_ kept = j->model->vis;
    j->model->vis.global.offwidth = j->picture->width;
    j->model->vis.global.offheight = j->picture->height;
    mjr_makeContext(j->model, &p->context, mjFONTSCALE_100);
    j->model->vis = kept;

    mjr_setBuffer(mjFB_OFFSCREEN, &p->context);
    mjv_makeScene(j->model, &p->scene, 4 * j->model->ngeom + 4000);
    choose_camera(j->model, &p->camera);
    if (!has_sky(j->model))
        add_fog(j->model, p);
    p->width = j->picture->width;
    p->height = j->picture->height;
}

/* Contexts are empty, and a failure half-way leaves them so or whole. */
static sg_mujoco_painter *painter_new(sg_error *error)
{
    sg_gl *gl = sg_gl_new(error);
    if (!gl)
        return NULL;
    sg_mujoco_painter *p = sg_alloc(sizeof *p);
    p->gl = gl;
    mjr_defaultContext(&p->context);
    mjv_defaultScene(&p->scene);
    mjv_defaultOption(&p->option);
    return p;
}

/* Buffers go while their context is current. */
void sg_mujoco_painter_free(sg_mujoco_painter *p)
{
    sg_error error;
    if (!p)
        return;
    if (sg_gl_enter(p->gl, &error)) {
        mjr_freeContext(&p->context);
        sg_gl_leave(p->gl);
    }
    mjv_freeScene(&p->scene);
    sg_gl_free(p->gl);
    free(p);
}

/* ---- drawing ---- */

/* OpenGL's first row is the lowest. */
static void turn_over(sg_picture *picture)
{
    size_t bytes = 3 * (size_t)picture->width;
    for (int row = 0; row < picture->height / 2; row++) {
        unsigned char *a = picture->rgb + bytes * (size_t)row;
        unsigned char *b = picture->rgb + bytes * (size_t)(picture->height - 1 - row);
        for (size_t i = 0; i < bytes; i++) {
            unsigned char kept = a[i];
            a[i] = b[i];
            b[i] = kept;
        }
    }
}

/* Scene, picture, bytes. */
static void paint(void *argument)
{
    const job *j = argument;
    sg_mujoco_painter *p = j->painter;
    mjrRect all = {0, 0, p->width, p->height};
    mjv_updateScene(j->model, j->data, &p->option, NULL, &p->camera, mjCAT_ALL, &p->scene);
    sg_mujoco_add_tiles(j->model, j->data, &p->scene);
    if (p->scene.flags[mjRND_FOG])
        sg_mujoco_add_sky(&p->scene);
    mjr_render(all, &p->scene, &p->context);
    mjr_readPixels(j->picture->rgb, NULL, all, &p->context);
    turn_over(j->picture);
}

/* Both halves inside the context. */
static bool draw(const job *j, const char *id, sg_error *error)
{
    job copy = *j;
    bool ready = j->painter->width > 0 || sg_mujoco_guard(id, prepare, &copy, error);
    return ready && sg_mujoco_guard(id, paint, &copy, error);
}

bool sg_mujoco_paint(sg_mujoco_painter **painter, const char *id, mjModel *model, mjData *data,
                     sg_picture *picture, sg_error *error)
{
    /* another size: start again */
    if (*painter &&
        ((*painter)->width != picture->width || (*painter)->height != picture->height)) {
        sg_mujoco_painter_free(*painter);
        *painter = NULL;
    }
    if (!*painter)
        *painter = painter_new(error);
    if (!*painter || !sg_gl_enter((*painter)->gl, error))
        return false;
    job j = {*painter, model, data, picture};
    bool ok = draw(&j, id, error);
    sg_gl_leave((*painter)->gl);
    return ok;
}
