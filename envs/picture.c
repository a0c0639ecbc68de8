/* picture.c - shapes drawn by their distance: a pixel is covered as far as its middle lies inside.
 */
#include "envs/picture.h"

#include <math.h>
#include <stddef.h>

#include "tensor/error.h"

enum { MOST_CORNERS = 16 };

/* ---- pixels ---- */

void sg_picture_fill(sg_picture *picture, sg_color color)
{
    size_t pixels = (size_t)picture->width * (size_t)picture->height;
    for (size_t i = 0; i < pixels; i++) {
        picture->rgb[3 * i] = color.red;
        picture->rgb[3 * i + 1] = color.green;
        picture->rgb[3 * i + 2] = color.blue;
    }
}

/* Part of the way from one shade to the other, rounded. */
static unsigned char mix(unsigned char from, unsigned char to, double part)
{
    return (unsigned char)lround(from + (to - from) * part);
}

/* Lays `color` over a pixel; opacity from 0 to 1. */
static void blend(sg_picture *picture, int column, int row, sg_color color, double opacity)
{
    unsigned char *p = picture->rgb + 3 * ((size_t)row * (size_t)picture->width + (size_t)column);
    p[0] = mix(p[0], color.red, opacity);
    p[1] = mix(p[1], color.green, opacity);
    p[2] = mix(p[2], color.blue, opacity);
}

/* x within the bounds; NaN becomes the lower one. */
static double limit(double x, double low, double high) { return fmin(fmax(x, low), high); }

/* ---- shapes ---- */

/* A shape in pixel coordinates: a rectangle around it, and how far outside of it a point lies
 * (negative inside). */
typedef struct shape {
    double (*distance)(const struct shape *shape, double x, double y);
    double left, right, top, bottom;
    double corners[MOST_CORNERS][2];
    int count;
    double radius;
} shape;

/* Widens the rectangle around the shape by a disk. */
static void include(shape *s, double x, double y, double radius)
{
    s->left = fmin(s->left, x - radius);
    s->right = fmax(s->right, x + radius);
    s->top = fmin(s->top, y - radius);
    s->bottom = fmax(s->bottom, y + radius);
}

/* A corner, from the world to pixels, where y points down. */
static void add_corner(shape *s, const sg_canvas *canvas, double x, double y)
{
    double *corner = s->corners[s->count++];
    corner[0] = canvas->x + canvas->unit * x;
    corner[1] = canvas->y - canvas->unit * y;
    include(s, corner[0], corner[1], s->radius);
}

/* No corners yet, and nothing around them. */
static shape begin(double (*distance)(const shape *, double, double), double radius)
{
    return (shape){.distance = distance,
                   .left = INFINITY,
                   .right = -INFINITY,
                   .top = INFINITY,
                   .bottom = -INFINITY,
                   .radius = radius};
}

/* Half a pixel on either side of the edge it fades. */
static void fill(sg_picture *picture, const shape *s, sg_color color)
{
    int left = (int)limit(floor(s->left - 1), 0, picture->width);
    int right = (int)limit(ceil(s->right + 1), 0, picture->width);
    int top = (int)limit(floor(s->top - 1), 0, picture->height);
    int bottom = (int)limit(ceil(s->bottom + 1), 0, picture->height);
    for (int row = top; row < bottom; row++) {
        for (int column = left; column < right; column++) {
            double covered = limit(0.5 - s->distance(s, column + 0.5, row + 0.5), 0, 1);
            if (covered > 0)
                blend(picture, column, row, color, covered);
        }
    }
}

/* To the nearest point between two ends, less the radius. */
static double distance_to_line(const shape *s, double x, double y)
{
    const double *a = s->corners[0], *b = s->corners[1];
    double dx = b[0] - a[0], dy = b[1] - a[1], squared = dx * dx + dy * dy;
    double along = squared > 0 ? ((x - a[0]) * dx + (y - a[1]) * dy) / squared : 0;
    along = limit(along, 0, 1);
    return hypot(x - a[0] - along * dx, y - a[1] - along * dy) - s->radius;
}

/* Twice the area, positive where the corners turn from the x axis to the y axis. */
static double turning(const shape *s)
{
    double sum = 0;
    for (int i = 0; i < s->count; i++) {
        const double *a = s->corners[i], *b = s->corners[(i + 1) % s->count];
        sum += a[0] * b[1] - b[0] * a[1];
    }
    return sum;
}

/* To the edge's line that is farthest outward: exact inside and along the edges. */
static double distance_to_polygon(const shape *s, double x, double y)
{
    double farthest = -INFINITY, side = turning(s) > 0 ? 1 : -1;
    for (int i = 0; i < s->count; i++) {
        const double *a = s->corners[i], *b = s->corners[(i + 1) % s->count];
        double dx = b[0] - a[0], dy = b[1] - a[1], length = hypot(dx, dy);
        double outward = side * ((x - a[0]) * dy - (y - a[1]) * dx);
        if (length > 0)
            farthest = fmax(farthest, outward / length);
    }
    return farthest;
}

/* ---- what others call ---- */

sg_canvas sg_canvas_fit(sg_picture *picture, double left, double right, double bottom, double top)
{
    double unit = fmin(picture->width / (right - left), picture->height / (top - bottom));
    return (sg_canvas){.picture = picture,
                       .unit = unit,
                       .x = picture->width / 2.0 - unit * (left + right) / 2,
                       .y = picture->height / 2.0 + unit * (bottom + top) / 2};
}

void sg_draw_line(const sg_canvas *canvas, double x0, double y0, double x1, double y1, double width,
                  sg_color color)
{
    /* a thinner line than a pixel would break up */
    shape s = begin(distance_to_line, fmax(canvas->unit * width / 2, 0.5));
    add_corner(&s, canvas, x0, y0);
    add_corner(&s, canvas, x1, y1);
    fill(canvas->picture, &s, color);
}

void sg_draw_disk(const sg_canvas *canvas, double x, double y, double radius, sg_color color)
{
    sg_draw_line(canvas, x, y, x, y, 2 * radius, color);
}

void sg_draw_polygon(const sg_canvas *canvas, const double (*corners)[2], int count, sg_color color)
{
    if (count < 3 || count > MOST_CORNERS)
        sg_misuse("sg_draw_polygon: %d corners; 3 to %d are possible", count, MOST_CORNERS);
    shape s = begin(distance_to_polygon, 0);
    for (int i = 0; i < count; i++)
        add_corner(&s, canvas, corners[i][0], corners[i][1]);
    fill(canvas->picture, &s, color);
}

void sg_draw_box(const sg_canvas *canvas, double x, double y, double angle,
                 const double left_right[2], const double bottom_top[2], sg_color color)
{
    double corners[4][2], c = cos(angle), s = sin(angle);
    for (int i = 0; i < 4; i++) {
        /* around it: left bottom, right bottom, right top, left top */
        double along = left_right[i == 1 || i == 2], up = bottom_top[i >= 2];
        corners[i][0] = x + c * along - s * up;
        corners[i][1] = y + s * along + c * up;
    }
    sg_draw_polygon(canvas, corners, 4, color);
}

/* ---- images that an agent sees ---- */

/* Far apart in hue; more channels begin again. */
static const sg_color palette[] = {
    {230, 159, 0},   {86, 180, 233},  {0, 158, 115},   {240, 228, 66}, {0, 114, 178},  {213, 94, 0},
    {204, 121, 167}, {235, 235, 235}, {148, 103, 189}, {140, 86, 75},  {127, 127, 127}};
enum { PALETTE_SIZE = sizeof palette / sizeof *palette };

/* One cell of the image, all channels over each other. */
static void draw_cell(sg_picture *picture, const double *values, const int dim[3], int column,
                      int row, int source)
{
    int plane = dim[1] * dim[2];
    for (int channel = 0; channel < dim[0]; channel++) {
        double value = limit(values[channel * plane + source], 0, 1);
        if (value > 0)
            blend(picture, column, row, palette[channel % PALETTE_SIZE], value);
    }
}

void sg_draw_channels(sg_picture *picture, const double *values, const int dim[3])
{
    const sg_color margin = {64, 64, 64}, empty = {16, 16, 16};
    sg_picture_fill(picture, margin);
    /* whole pixels to a cell, unless there are fewer pixels than cells */
    double cell = fmin((double)picture->width / dim[2], (double)picture->height / dim[1]);
    cell = cell >= 1 ? floor(cell) : cell;
    int width = (int)(cell * dim[2]), height = (int)(cell * dim[1]);
    int left = (picture->width - width) / 2, top = (picture->height - height) / 2;
    for (int row = 0; row < height; row++) {
        for (int column = 0; column < width; column++) {
            /* the nearest cell, which rounding must not put past the last */
            int y = (int)fmin(floor(row / cell), dim[1] - 1);
            int x = (int)fmin(floor(column / cell), dim[2] - 1);
            blend(picture, left + column, top + row, empty, 1);
            draw_cell(picture, values, dim, left + column, top + row, y * dim[2] + x);
        }
    }
}
