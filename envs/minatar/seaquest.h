/* seaquest.h - what the two halves of MinAtar/Seaquest share: seaquest.c is the submarine and the
 * rules, seaquest_others.c all that moves in the sea around it. */
#ifndef SG_SEAQUEST_H
#define SG_SEAQUEST_H

#include "envs/minatar/minatar.h"

/* Depths below the surface, row 0, and above the gauges, row 9. */
enum { SG_SEAQUEST_DEEPEST = 8 };

/* Who is in the sea at most: enemies come at most one a step and are gone after ten moves, which
 * take at most six steps each; a submarine's bullet is gone after ten steps, eleven before its
 * next. */
enum { SG_SEAQUEST_MOST = 80 };

/* Anything that moves along a row; a bullet has no use for the timers. */
typedef struct {
    int x, y, rightward;
    int move_timer; /* steps until its next move */
    int shot_timer; /* enemy submarines: until its next shot */
} sg_seaquest_thing;

/* In the order of their coming. */
typedef struct {
    int count;
    sg_seaquest_thing thing[SG_SEAQUEST_MOST];
} sg_seaquest_list;

typedef struct {
    sg_minatar base;
    int sub_x, sub_y, sub_or; /* the submarine; sub_or: it looks right */
    int oxygen, diver_count;
    int surface;    /* it has been up since it was last below */
    int shot_timer; /* until it can shoot again */
    sg_seaquest_list f_bullets, e_bullets, e_fish, e_subs, divers;
    int e_spawn_speed, e_spawn_timer, d_spawn_timer; /* steps between arrivals, and until them */
    int move_speed;                                  /* steps between moves of enemies, less one */
    int ramp_index;                                  /* how often the game became harder */
} sg_seaquest;

/* What a submarine carries at most. */
enum { SG_SEAQUEST_CREW = 6 };

/* Newcomers whose time has come, by their own draws. */
void sg_seaquest_arrivals(sg_seaquest *s);
/* One step of everything but the submarine; the reward. */
double sg_seaquest_move_others(sg_seaquest *s);
/* Appends; a full list, which only a damaged state can have, stays as it is. */
void sg_seaquest_add(sg_seaquest_list *list, sg_seaquest_thing thing);

#endif
