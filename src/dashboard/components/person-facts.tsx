import type { Child } from 'hono/jsx';
import type { Invitation } from '../../domain/invitation.ts';
import type { Member } from '../../domain/member.ts';
import type { Viewer } from '../viewer.ts';
import { Moment } from './moment.tsx';

export function nameOf(member: Pick<Member, 'firstName' | 'lastName'>): string {
  return [member.firstName, member.lastName].filter(Boolean).join(' ');
}

/** The facts about a person and the invitation. Unknown facts are left out. */
export function PersonFacts(props: {
  readonly viewer: Viewer;
  readonly invitation: Invitation | null;
  readonly member: Member | null;
}) {
  const { viewer, invitation, member } = props;
  const { person, words } = viewer.t;
  const type = invitation?.employeeType ?? member?.employeeType ?? null;
  return (
    <dl class="facts">
      <Fact name={person.name}>{member && nameOf(member)}</Fact>
      <Fact name={person.address}>{member?.email || invitation?.email}</Fact>
      <Fact name={person.type}>{type && words.types[type]}</Fact>
      <Fact name={person.mode}>{invitation && words.modes[invitation.mode]}</Fact>
      <Fact name={person.language}>{invitation?.language}</Fact>
      <Fact name={person.note}>{invitation?.note}</Fact>
      <TimeFact viewer={viewer} name={person.invitedAt} at={invitation?.createdAt ?? null} />
      <TimeFact viewer={viewer} name={person.registeredAt} at={member?.registeredAt ?? null} />
      <TimeFact viewer={viewer} name={person.activatedAt} at={member?.activatedAt ?? null} />
      <TimeFact viewer={viewer} name={person.welcomedAt} at={member?.welcomedAt ?? null} />
      <Fact name={person.id}>{invitation && <span class="code">{invitation.id}</span>}</Fact>
      <Fact name={person.userId}>{member && <span class="code">{member.userId}</span>}</Fact>
    </dl>
  );
}

function Fact(props: { readonly name: string; readonly children?: Child }) {
  if (!props.children) return null;
  return (
    <>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </>
  );
}

function TimeFact(props: {
  readonly viewer: Viewer;
  readonly name: string;
  readonly at: number | null;
}) {
  if (props.at === null) return null;
  return (
    <Fact name={props.name}>
      <Moment viewer={props.viewer} at={props.at} />
    </Fact>
  );
}
