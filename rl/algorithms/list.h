/* list.h - the algorithms, one line each: the file rl/algorithms/<name>.c defines sg_<name>_algorithm
 * (and sg_<name>_1_algorithm: the same with a buffer of one).
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
SG_ALGORITHM(dqn)
SG_ALGORITHM(dqn_1)
SG_ALGORITHM(ddpg)
SG_ALGORITHM(td3)
SG_ALGORITHM(td3_1)
SG_ALGORITHM(sac)
SG_ALGORITHM(sac_1)
