"""Who can be given work: the profile that makes a user assignable, when he works, how much he carries, what he did.

Nouns: Agent (with its Availability, and the Profile that people edit), Shift (pure), Leave, Skill, AgentSkill, Group,
AgentDay; for the pages Roster and ProfilePage. Records `agent.changed`, `agent.availability_changed`,
`agent.stayed_away`, `agent.leave_taken`, `agent.leave_cancelled`, `group.created changed archived restored` and
`skill.created changed archived restored`; hears `user.changed` and some of
these. Tickets take and give back load by plain calls.
Start reading at `agent.py`; `settings.py` is the frame of all settings.
"""
