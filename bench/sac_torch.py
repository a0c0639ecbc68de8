"""The SAC step as a practitioner writes it in PyTorch: batch 256, 2 x 256, float32, one thread.

usage: sac_torch.py OBS_SIZE ACTION_SIZE STEPS published|lean
Prints the median microseconds of one step over pairs of steps (act, store, draw a batch, learn) on
made-up observations; the environment's cost is left out. The update is that of rl/algorithms/sac.c
with its defaults: critics, target networks at each step; at every second one actor and temperature,
twice. "published" is written as CleanRL's program is; "lean" does the same with less work: no
gradients of the critics in the actor's loss, optimisers and target networks over lists of
parameters.
"""
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.distributions import Normal

BATCH, HIDDEN, GAMMA, TAU = 256, 256, 0.99, 0.005


class Actor(nn.Module):
    def __init__(self, obs, act):
        super().__init__()
        self.l1, self.l2 = nn.Linear(obs, HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.mu, self.log_std = nn.Linear(HIDDEN, act), nn.Linear(HIDDEN, act)

    def draw(self, obs):
        features = torch.relu(self.l2(torch.relu(self.l1(obs))))
        log_std = -5 + 3.5 * (torch.tanh(self.log_std(features)) + 1)
        normal = Normal(self.mu(features), log_std.exp())
        u = normal.rsample()
        action = torch.tanh(u)
        log_prob = normal.log_prob(u) - torch.log(1 - action.pow(2) + 1e-6)
        return action, log_prob.sum(1, keepdim=True)


class Critic(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.l1, self.l2 = nn.Linear(inputs, HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.q = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        return self.q(torch.relu(self.l2(torch.relu(self.l1(x)))))


class Twins(nn.Module):
    """Two critics: [2, batch, 1]."""

    def __init__(self, inputs):
        super().__init__()
        self.critics = nn.ModuleList([Critic(inputs), Critic(inputs)])

    def forward(self, obs, act):
        return torch.stack([critic(torch.cat((obs, act), 1)) for critic in self.critics])


class Replay:
    def __init__(self, obs, act, size=100000):
        widths = {"obs": obs, "act": act, "reward": 1, "next_obs": obs, "terminated": 1}
        self.arrays = {name: np.zeros((size, n), np.float32) for name, n in widths.items()}
        self.count, self.random = 0, np.random.default_rng(1)

    def add(self, **values):
        for name, value in values.items():
            self.arrays[name][self.count] = value
        self.count += 1

    def draw(self):
        rows = self.random.integers(0, self.count, BATCH)
        return {name: torch.from_numpy(array[rows]) for name, array in self.arrays.items()}


class SAC:
    def __init__(self, obs, act, lean):
        self.lean, self.target_entropy, self.replay = lean, -act, Replay(obs, act)
        self.actor, self.critics, self.targets = Actor(obs, act), Twins(obs + act), Twins(obs + act)
        self.targets.load_state_dict(self.critics.state_dict())
        self.log_alpha = torch.zeros(1, requires_grad=True)
        self.alpha = 1.0
        options = {"foreach": True} if lean else {}
        self.actor_adam = torch.optim.Adam(self.actor.parameters(), 3e-4, **options)
        self.critic_adam = torch.optim.Adam(self.critics.parameters(), 1e-3, **options)
        self.alpha_adam = torch.optim.Adam([self.log_alpha], 1e-3)

    def act(self, obs):
        with torch.no_grad():
            return self.actor.draw(torch.as_tensor(obs, dtype=torch.float32)[None])[0][0].numpy()

    def learn_critics(self, b):
        with torch.no_grad():
            action, log_prob = self.actor.draw(b["next_obs"])
            value = self.targets(b["next_obs"], action).min(0).values - self.alpha * log_prob
            y = b["reward"] + GAMMA * (1 - b["terminated"]) * value
        loss = (self.critics(b["obs"], b["act"]) - y).pow(2).mean((1, 2)).sum()
        self.critic_adam.zero_grad()
        loss.backward()
        self.critic_adam.step()

    def learn_actor(self, b):
        action, log_prob = self.actor.draw(b["obs"])
        self.critics.requires_grad_(not self.lean)
        loss = (self.alpha * log_prob - self.critics(b["obs"], action).min(0).values).mean()
        self.actor_adam.zero_grad()
        loss.backward()
        self.actor_adam.step()
        self.critics.requires_grad_(True)

    def learn_alpha(self, b):
        with torch.no_grad():
            log_prob = self.actor.draw(b["obs"])[1]
        loss = (-self.log_alpha.exp() * (log_prob + self.target_entropy)).mean()
        self.alpha_adam.zero_grad()
        loss.backward()
        self.alpha_adam.step()
        self.alpha = self.log_alpha.exp().item()

    def move_targets(self):
        parameters, targets = list(self.critics.parameters()), list(self.targets.parameters())
        with torch.no_grad():
            if self.lean:
                torch._foreach_mul_(targets, 1 - TAU)
                torch._foreach_add_(targets, parameters, alpha=TAU)
                return
            for p, target in zip(parameters, targets):
                target.copy_(TAU * p + (1 - TAU) * target)

    def learn(self, t):
        b = self.replay.draw()
        self.learn_critics(b)
        if t % 2 == 0:
            for _ in range(2):
                self.learn_actor(b)
                self.learn_alpha(b)
        self.move_targets()


def main():
    torch.set_num_threads(1)
    obs_size, action_size, steps = map(int, sys.argv[1:4])
    agent = SAC(obs_size, action_size, sys.argv[4] == "lean")
    random, times = np.random.default_rng(0), []
    obs = random.standard_normal(obs_size)
    for t in range(steps + 20):
        start = time.perf_counter()
        action = agent.act(obs)
        next_obs = 0.9 * obs + 0.4 * random.standard_normal(obs_size)
        agent.replay.add(obs=obs, act=action, reward=next_obs[0], next_obs=next_obs,
                         terminated=t % 1000 == 999)
        agent.learn(t)
        obs = next_obs
        times.append(time.perf_counter() - start)
    pairs = sorted((a + b) / 2 for a, b in zip(times[20::2], times[21::2]))  # 20 are warm-up
    print(f"{1e6 * pairs[len(pairs) // 2]:.1f}")


main()
