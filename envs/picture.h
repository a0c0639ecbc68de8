/* picture.h - pictures of RGB bytes, and a few shapes drawn into them with smooth edges.
 *
 * A canvas looks at a rectangle of a world whose y points up; all shapes are given in the world's
 * units. What lies outside of the picture is cut off.
 */
#ifndef SG_PICTURE_H
#define SG_PICTURE_H

/* Rows from the top, three bytes (red, green, blue) a pixel, nothing between rows. The bytes are
 * the owner's, 3 * width * height of them. */
typedef struct {
    int width, height;
    unsigned char *rgb;
} sg_picture;

typedef struct {
    unsigned char red, green, blue;
} sg_color;

/* All of it in one colour. */
void sg_picture_fill(sg_picture *picture, sg_color color);

/* [channels, height, width] as equal squares, as large as fit: each channel that is not zero shows
 * in a colour of its own, the last such channel on top; values from 0 to 1 are opacities. */
void sg_draw_channels(sg_picture *picture, const double *values, const int dim[3]);

typedef struct {
    sg_picture *picture;
    double unit; /* pixels per unit of length */
    double x, y; /* pixel coordinates of the world's origin */
} sg_canvas;

/* All of that rectangle is seen, as large as fits and in the middle. */
sg_canvas sg_canvas_fit(sg_picture *picture, double left, double right, double bottom, double top);

/* A line of that width with round ends. */
void sg_draw_line(const sg_canvas *canvas, double x0, double y0, double x1, double y1, double width,
                  sg_color color);
void sg_draw_disk(const sg_canvas *canvas, double x, double y, double radius, sg_color color);
/* A convex polygon of 3 to 16 corners[count], (x, y) each, in either order. */
void sg_draw_polygon(const sg_canvas *canvas, const double (*corners)[2], int count,
                     sg_color color);
/* A rectangle turned by `angle` around (x, y), from (left, bottom) to (right, top) as seen from
 * there. */
void sg_draw_box(const sg_canvas *canvas, double x, double y, double angle,
                 const double left_right[2], const double bottom_top[2], sg_color color);

#endif
