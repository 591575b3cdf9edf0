"""The customer's doors: the form on a merchant's own site, and the page of one request behind its signed link.

Nouns: Questions (what a form asks), Submission (what a visitor sent), SentFrom (from where), FormToken (the form's own
proof), PlainForm (one that is not ours), VouchedIdentity and UsedToken (who the merchant says the visitor is),
Challenge (what a doubtful form must bring), OpenPage (the request page that somebody looks at); for the settings
FormWords and Snippet. Records `link.renewed`. Hears
`ticket.assigned`, `ticket.replied`, `ticket.commented`, `ticket.transitioned`, `ticket.resolved`, `ticket.reopened`,
`ticket.closed`, `ticket.reprioritised`, `ticket.rated`, `ticket.merged`, `ticket.absorbed`, `ticket.continued`,
`customer.confirmed`, `message.removed`, `message.restored`, `escalation.planned`, `escalation.raised`. Loads messages
from the public drawer only.
That a form's keys are used is written down by a worker: no visitor waits for somebody else's writing.
Start reading at `embed_views.py` and `submission.py` (a request comes in), then `link_views.py` (the rule
`customer`), `request_views.py` (the page) and `deed_views.py` (what can be done on it). The settings of stores and
their forms are `merchant_views.py` and `form_key_views.py`.
"""
