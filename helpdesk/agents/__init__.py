"""Who can be given work: the profile that makes a user assignable, and how much he carries.

Nouns: Agent, AgentDay (what he did on a day), Group, Skill. Records no events and hears none; tickets take and give
back load by plain calls.
Start reading at `agent.py`.
"""
