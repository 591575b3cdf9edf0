"""Who can be given work: the profile that makes a user assignable, when he works, how much he carries, what he did.

Nouns: Agent (with its availability), AgentDay, Shift (pure), Leave, Skill, AgentSkill, Group. Records `agent.changed`,
`agent.availability_changed`, `agent.stayed_away`, `agent.leave_taken`, `agent.leave_cancelled`; hears `user.changed`.
Tickets take and give back load by plain calls. Start reading at `agent.py`.
"""
