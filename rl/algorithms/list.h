/* list.h - the algorithms, one line each: the file rl/algorithms/<name>.c defines sg_<name>_algorithm.
 * No include guard: included with SG_ALGORITHM defined. */
SG_ALGORITHM(avg)
SG_ALGORITHM(iac)
SG_ALGORITHM(stream_ac)
SG_ALGORITHM(intentional_ac)
SG_ALGORITHM(intentional_q)
SG_ALGORITHM(stream_q)
SG_ALGORITHM(stream_sarsa)
SG_ALGORITHM(stream_td)
SG_ALGORITHM(ppo)
