"""The manager's office: who works here, what was changed, how the desk is, and the first steps.

Nouns: Alteration (what an event of the settings changed, in words, with SettingValue and SettingParts), Whereabouts
(where that is shown), StaffList (everybody on one page), Handover (the tickets of who leaves, or is given no more
work), Finding (a line of the health page), MachineHealth, DeskHealth (and its parts MailHealth and SettingsHealth),
FirstSteps. Start reading at `audit_views.py`; the history itself is `agents/history.py`.
"""
