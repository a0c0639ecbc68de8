"""The AVG step as a practitioner writes it in PyTorch: batch 1, float32, one thread.

usage: avg_torch.py OBS_SIZE ACTION_SIZE STEPS published|lean
Prints the median microseconds of one step (act and learn) on made-up observations, NumPy arrays in
and out as an environment has them; the environment's cost is left out. The update is that of
rl/algorithms/avg.c. "published" draws from a normal distribution with a covariance matrix, as the
authors' program does; "lean" from independent normals, the same numbers with less work.
"""
import math
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.distributions import Independent, MultivariateNormal, Normal


def trunk(inputs, hidden=256):
    layers = [nn.Linear(inputs, hidden), nn.LeakyReLU(), nn.Linear(hidden, hidden), nn.LeakyReLU()]
    for layer in layers[::2]:
        nn.init.orthogonal_(layer.weight)
        nn.init.zeros_(layer.bias)
    return nn.Sequential(*layers)


def normalized(features):
    return features / features.norm(dim=-1, keepdim=True)


class Actor(nn.Module):
    def __init__(self, obs, act, lean):
        super().__init__()
        self.phi, self.mu, self.log_std = trunk(obs), nn.Linear(256, act), nn.Linear(256, act)
        self.lean = lean

    def forward(self, obs):
        features = normalized(self.phi(obs))
        mu, log_std = self.mu(features), self.log_std(features).clamp(-20, 2)
        if self.lean:
            normal = Independent(Normal(mu, (log_std / 2).exp()), 1)
        else:
            normal = MultivariateNormal(mu, torch.diag_embed(log_std.exp()))
        u = normal.rsample()
        squash = 2 * (math.log(2) - u - nn.functional.softplus(-2 * u))
        return torch.tanh(u), normal.log_prob(u) - squash.sum(-1)


class Critic(nn.Module):
    def __init__(self, obs, act):
        super().__init__()
        self.phi, self.q = trunk(obs + act), nn.Linear(256, 1)

    def forward(self, obs, act):
        return self.q(normalized(self.phi(torch.cat((obs, act), -1)))).squeeze(-1)


class Moments:
    """Running mean and population variance."""

    def __init__(self):
        self.n, self.mean, self.squares = 0, 0.0, 0.0

    def add(self, x):
        self.n += 1
        before = x - self.mean
        self.mean += before / self.n
        self.squares += before * (x - self.mean)

    @property
    def variance(self):
        return self.squares / self.n if self.n else 0.0


class AVG:
    def __init__(self, obs, act, lean, lr=1e-5, alpha=0.07, gamma=0.99):
        self.actor, self.critic = Actor(obs, act, lean), Critic(obs, act)
        self.alpha, self.gamma = alpha, gamma
        self.actor_adam = torch.optim.Adam(self.actor.parameters(), lr, betas=(0.0, 0.999))
        self.critic_adam = torch.optim.Adam(self.critic.parameters(), lr, betas=(0.0, 0.999))
        self.rewards, self.discounts, self.returns = Moments(), Moments(), Moments()
        self.episode_return = 0.0

    def act(self, obs):
        self.obs = torch.as_tensor(obs, dtype=torch.float32)
        self.action, self.log_prob = self.actor(self.obs)
        return self.action.detach().numpy()

    def spread(self, reward, terminated):
        augmented = reward - self.alpha * self.log_prob.item()
        self.episode_return += augmented
        self.rewards.add(augmented)
        self.discounts.add(0.0 if terminated else self.gamma)
        if terminated:
            self.returns.add(self.episode_return ** 2)
            self.episode_return = 0.0
        variance = max(self.rewards.variance + self.discounts.variance * self.returns.mean, 1e-4)
        return 1.0 if variance <= 0.01 and not self.returns.n else math.sqrt(variance)

    def learn(self, reward, next_obs, terminated):
        sigma = self.spread(reward, terminated)
        next_obs = torch.as_tensor(next_obs, dtype=torch.float32)
        with torch.no_grad():
            next_action, next_log_prob = self.actor(next_obs)
            value = self.critic(next_obs, next_action) - self.alpha * next_log_prob
            target = reward + (0.0 if terminated else self.gamma) * value
        q = self.critic(self.obs, self.action.detach())
        critic_loss = ((target - q) / sigma) ** 2
        actor_loss = self.alpha * self.log_prob - self.critic(self.obs, self.action)

        self.actor_adam.zero_grad()
        actor_loss.backward()
        self.critic_adam.zero_grad()
        critic_loss.backward()
        self.actor_adam.step()
        self.critic_adam.step()


def main():
    torch.set_num_threads(1)
    obs_size, action_size, steps = map(int, sys.argv[1:4])
    agent = AVG(obs_size, action_size, sys.argv[4] == "lean")
    random, times = np.random.default_rng(0), []
    obs = random.standard_normal(obs_size)
    for t in range(steps + 100):
        start = time.perf_counter()
        agent.act(obs)
        obs = 0.9 * obs + 0.4 * random.standard_normal(obs_size)
        agent.learn(float(obs[0]), obs, t % 1000 == 999)
        if t >= 100:  # the first are warm-up
            times.append(time.perf_counter() - start)
    print(f"{1e6 * sorted(times)[len(times) // 2]:.1f}")


main()
