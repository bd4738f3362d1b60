/** English sentences about orders of people: what a run waits for, and what one can do about it. */
export const enOrders = {
  'state.held': 'State: *held* by an operator, nothing begins',
  'state.undoing': 'State: undoing, {done} of {total} steps',
  'short.held': 'held',
  'short.undoing': 'undoing',
  'result.conditional': 'conditionally met: steps were skipped or passed over',
  'result.pre-empted': 'pre-empted by a failover',
  'step.skipped': 'skipped',
  'step.deviated': 'passed over (deviation)',

  'waiting.line': 'Waits for {what}, since {since}',
  'waiting.until': 'Waits for {what}, since {since}, until {until}; then: {after}',
  'waiting.open': 'Waits for {what}, since {since}; no limit: {after}',
  'waiting.approvals': 'approvals of role {who}',
  'waiting.person': 'a person of role {who}',
  'waiting.operator': 'an operator',
  'waiting.second-person': 'a second person ({who}) who confirms or declines the skip',
  'waiting.second-person.any': 'a second operator who confirms or declines the skip',
  'waiting.array': 'array or cloud ({who})',
  'waiting.gateway': 'gateway {who}',
  'waiting.gateway.any': 'the gateways',
  'waiting.nothing': 'nothing: {after}',
  'held.by': 'Held by {person}, {at}: {reason}',
  'skip.wished': '{person} asks to skip "{step}": {reason}',
  'skip.confirmed': 'Skip of "{step}" confirmed by {second}; asked for by {person}: {reason}',

  'choice.title': '*What you can do:*',
  'choice.resume': '`/dr resume {run} &lt;reason&gt;`: goes on where it was held',
  'choice.retry': '`/dr retry {run} &lt;reason&gt;`: looks again and tries the step once more',
  'choice.retry.lost':
    '`/dr retry {run} &lt;reason&gt;`: looks again; what is still not seen is *sent a second time*',
  'choice.skip':
    '`/dr skip {run} {step} &lt;reason&gt;`: the step ends skipped once a second person confirms; sends nothing',
  'choice.confirm-skip': '`/dr confirm-skip {run} {step}`: only somebody else than who asked',
  'choice.skip.own':
    '`npm run dr -- skip {run} {step} --as &lt;you&gt; --key &lt;file&gt; --reason &lt;why&gt;`: an operator signs, ' +
    'then an approver; sends nothing',
  'choice.confirm-skip.own':
    '`npm run dr -- confirm-skip {run} {step} --as &lt;you&gt; --key &lt;file&gt;`: an approver signs, ' +
    'not who asked',
  'choice.decline-skip': '`/dr decline-skip {run} {step} &lt;reason&gt;`: the run stays as it is',
  'choice.abort':
    '`/dr abort {run} [--undo] &lt;reason&gt;`: no further step; cleans up, with --undo takes changes back first',
  'choice.abort.again':
    '`/dr abort {run} &lt;reason&gt;`: tries the clean-up anew; a second time it ends the run with its residue',

  'button.resume': 'Resume',
  'button.pause': 'Pause',
  'button.skip': 'Skip step',
  'button.confirmSkip': 'Confirm skip',
  'button.declineSkip': 'Decline skip',
  'confirm.skip.title': 'Skip this step?',
  'confirm.skip.text':
    'Write the reason beside the button. It counts when a second person confirms.',

  'thread.step.skipped': '{at} *skipped*: {step}',
  'thread.step.deviated': '{at} *passed over with a deviation*: {step}',
  'thread.operator.pause': '{at} {person} holds the run: {reason}',
  'thread.operator.resume': '{at} {person} resumes: {reason}',
  'thread.operator.skip': '{at} {person} asks to skip {step}: {reason}',
  'thread.skip.confirmed': '{at} {person} confirms the skip of {step}',
  'thread.skip.declined': '{at} {person} declines the skip of {step}: {reason}',
  'thread.skip.delivered': '{at} skip of {step} accepted at {site}',
  'thread.undo.started': '{at} *undoing* begins: {reason}',
  'thread.approval.withdrawn': '{at} {person} takes the approval back: {reason}',
  'thread.operator.abort.undo': '{at} {person} aborts and takes changes back: {reason}',

  'approval.forecast':
    'By the last {runs} runs: {took} from the order to the confirmation; longest {longest}',
  'button.declared': 'Declare the disaster',
  'thread.disaster.declared':
    '{at} {person} *declares the disaster*: it happened {occurred}. {text}',
  'status.unprotected':
    '*{service}: unprotected since {since}* (run {run}); no other site has a copy that could be used',
  'ended.t0': 'T0 disaster: {at}',
  'ended.t1': 'T1 declared: {at}',
  'verb.declare': 'declare',
  'verb.withdraw': 'withdraw',
  'verb.pause': 'pause',
  'verb.resume': 'resume',
  'verb.skip': 'skip',
  'verb.confirm-skip': 'confirm the skip',
  'verb.decline-skip': 'decline the skip',
  'help.orders':
    '`{command} pause|resume|retry|abort|withdraw|note [run] &lt;text&gt;` orders something of a run',
  'help.declare':
    '`{command} declare [run] &lt;time&gt; &lt;how you know&gt;` declares the disaster: `declare 09:12 power is gone`',
  'help.skips':
    '`{command} skip|confirm-skip|decline-skip [run] &lt;step&gt; &lt;reason&gt;` takes two people',
  'order.taken': 'Taken: {verb}, run {run}. Whether it counts is told in the thread of the run.',
  'order.run.none': 'No run is open.',
  'order.run.many': 'Several runs are open; name one.',
  'order.run.unknown': 'There is no run "{typed}".',
  'order.step.missing': 'A step is missing.',
  'order.step.unknown': 'The run has no step "{typed}".',
  'order.plan.none': 'The run has no plan yet; there is nothing to take back.',
} as const;
