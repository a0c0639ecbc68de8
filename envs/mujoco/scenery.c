/* scenery.c - what plain models lack: a sky, and tiles on the floor, so that movement is seen. */
#include <math.h>

#include "envs/mujoco/painter.h"

/* Tiles to every side of the point below the subject. */
enum { REACH = 14 };

/* A size that suits what the camera sees: a power of two, about a quarter of the distance. */
static double tile_size(const mjModel *model, const mjData *data, const mjvScene *scene)
{
    double squared = 0;
    for (int i = 0; i < 3; i++) {
        double off = scene->camera[0].pos[i] - data->subtree_com[i];
        squared += off * off;
    }
    double distance = squared > 0 ? sqrt(squared) : model->stat.extent;
    return exp2(round(log2(distance / 4)));
}

/* A box where the scene has room for one. */
static void add_box(const double half[3], const double at[3], const double axes[9],
                    const float color[4], mjvScene *scene)
{
    if (scene->ngeom < scene->maxgeom)
        mjv_initGeom(&scene->geoms[scene->ngeom++], mjGEOM_BOX, half, at, axes, color);
}

/* The part of [x - half, x + half] within +-limit, as middle and half; a limit of 0 is endless. */
static bool cut(double *x, double *half, double limit)
{
    double low = *x - *half, high = *x + *half;
    if (limit > 0) {
        low = fmax(low, -limit);
        high = fmin(high, limit);
    }
    *x = (low + high) / 2;
    *half = (high - low) / 2;
    return *half > 0;
}

/* One flat box in the plane, at (x, y) there, cut at the plane's edges. */
static void add_tile(const mjModel *model, const mjData *data, int plane, double x, double y,
                     double size, double opacity, mjvScene *scene)
{
    const double *at = data->geom_xpos + 3 * plane, *axes = data->geom_xmat + 9 * plane;
    const double *edge = model->geom_size + 3 * plane;
    const float color[4] = {0.16f, 0.20f, 0.26f, (float)opacity};
    double half[3] = {size / 2, size / 2, size / 1000}, position[3];
    if (!cut(&x, &half[0], edge[0]) || !cut(&y, &half[1], edge[1]))
        return;
    for (int i = 0; i < 3; i++)
        position[i] = at[i] + axes[3 * i] * x + axes[3 * i + 1] * y;
    add_box(half, position, axes, color, scene);
}

/* Every other tile of a chequered plane, fading outwards. They lie still while the subject moves.
 */
static void tile_plane(const mjModel *model, const mjData *data, int plane, double size,
                       mjvScene *scene)
{
    const double *at = data->geom_xpos + 3 * plane, *axes = data->geom_xmat + 9 * plane;
    double x = 0, y = 0;
    for (int i = 0; i < 3; i++) {
        x += axes[3 * i] * (data->subtree_com[i] - at[i]);
        y += axes[3 * i + 1] * (data->subtree_com[i] - at[i]);
    }
    double column = round(x / size), row = round(y / size);
    for (int i = -REACH; i <= REACH; i++) {
        for (int j = -REACH; j <= REACH; j++) {
            double away = hypot(i, j) / REACH, tx = (column + i) * size, ty = (row + j) * size;
            bool dark = fmod(fabs(column + i + row + j), 2) == 1;
            if (dark && away < 1)
                add_tile(model, data, plane, tx, ty, size, 0.35 * (1 - away), scene);
        }
    }
}

void sg_mujoco_add_tiles(const mjModel *model, const mjData *data, mjvScene *scene)
{
    double size = tile_size(model, data, scene);
    for (int i = 0; i < model->ngeom; i++) {
        if (model->geom_type[i] == mjGEOM_PLANE && model->geom_matid[i] < 0 &&
            model->geom_rgba[4 * i + 3] > 0)
            tile_plane(model, data, i, size, scene);
    }
}

/* A wall behind everything, square to the camera, which the fog turns into sky. */
void sg_mujoco_add_sky(mjvScene *scene)
{
    static const float color[4] = {1, 1, 1, 1};
    const mjvGLCamera *camera = &scene->camera[0];
    const float *ahead = camera->forward, *up = camera->up;
    double away = 0.9 * camera->frustum_far, half[3] = {4 * away, 4 * away, 0.01 * away};
    double position[3], axes[9];
    for (int i = 0; i < 3; i++) {
        int j = (i + 1) % 3, k = (i + 2) % 3;
        position[i] = camera->pos[i] + away * camera->forward[i];
        axes[3 * i] = up[k] * ahead[j] - up[j] * ahead[k];
        axes[3 * i + 1] = up[i];
        axes[3 * i + 2] = -ahead[i];
    }
    add_box(half, position, axes, color, scene);
}
