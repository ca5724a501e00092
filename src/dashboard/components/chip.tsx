import type { InvitationStatus } from '../../domain/invitation.ts';
import type { MemberState } from '../../domain/member.ts';
import type { Viewer } from '../viewer.ts';

/** The kind of a state. Each kind has its own shape beside its colour. */
export type Tone = 'good' | 'busy' | 'calm' | 'notice' | 'wrong' | 'off';

const statusTones: Readonly<Record<InvitationStatus, Tone>> = {
  issuing: 'busy',
  issued: 'calm',
  open: 'calm',
  registered: 'busy',
  activated: 'busy',
  welcomed: 'good',
  failed: 'wrong',
  gone: 'off',
  revoked: 'off',
  expired: 'off',
};

const stateTones: Readonly<Record<MemberState, Tone>> = {
  waiting: 'calm',
  ready: 'busy',
  sending: 'busy',
  welcomed: 'good',
  skipped: 'off',
  gone: 'off',
  failed: 'wrong',
  unknown: 'wrong',
};

/**
 * SVG paths in a square of 16 by 16: a disc with a tick, a half disc, a ring, a triangle with an
 * exclamation mark, a disc with an exclamation mark, and a dash.
 */
const shapes: Readonly<Record<Tone, string>> = {
  good: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm3.9 5.2-4.6 5a.8.8 0 0 1-1.2 0l-2-2.2 1.2-1 1.4 1.5 4-4.4Z',
  busy: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 2v10A5 5 0 0 1 8 3Z',
  calm: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 2a5 5 0 1 1 0 10A5 5 0 0 1 8 3Z',
  wrong:
    'M8 1 .8 14.5h14.4L8 1Zm-.8 4.8h1.6l-.3 4.6H7.5l-.3-4.6ZM8 11.2a.9.9 0 1 1 0 1.8.9.9 0 0 1 0-1.8Z',
  notice:
    'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm-.8 3.5h1.6l-.3 4.8H7.5l-.3-4.8ZM8 10.4a.9.9 0 1 1 0 1.8.9.9 0 0 1 0-1.8Z',
  off: 'M2 7h12v2H2Z',
};

export function Chip(props: { readonly tone: Tone; readonly word: string }) {
  return (
    <span class={`chip ${props.tone}`}>
      <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true" focusable="false">
        <path d={shapes[props.tone]} fill-rule="evenodd" />
      </svg>
      {props.word}
    </span>
  );
}

export function StatusChip(props: {
  readonly viewer: Pick<Viewer, 't'>;
  readonly status: InvitationStatus;
}) {
  return (
    <Chip tone={statusTones[props.status]} word={props.viewer.t.words.statuses[props.status]} />
  );
}

export function StateChip(props: {
  readonly viewer: Pick<Viewer, 't'>;
  readonly state: MemberState;
}) {
  return <Chip tone={stateTones[props.state]} word={props.viewer.t.words.states[props.state]} />;
}
