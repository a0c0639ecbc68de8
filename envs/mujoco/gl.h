/* gl.h - an OpenGL context without a window or a display, for MuJoCo to draw with.
 *
 * It is Mesa's, through EGL's surfaceless platform: the graphics processor where there is one and
 * software elsewhere. The libraries are loaded when the first context is made, so nothing but
 * pictures needs them.
 */
#ifndef SG_GL_H
#define SG_GL_H

#include "tensor/error.h"

typedef struct sg_gl sg_gl;

/* NULL, with a line naming the Debian packages, where they are missing. */
sg_gl *sg_gl_new(sg_error *error);
/* Not while it is current. NULL is fine. */
void sg_gl_free(sg_gl *gl);

/* Makes it current on this thread, and takes it away again. */
bool sg_gl_enter(sg_gl *gl, sg_error *error);
void sg_gl_leave(sg_gl *gl);

#endif
