/**
 * The names of the triggers in ascending order of their bits. The first bit is 1, and each next bit is
 * twice as large (docs/docspace-wire.md 7.1).
 */
const TRIGGER_NAMES = [
  'user.created',
  'user.invited',
  'user.updated',
  'user.deleted',
  'group.created',
  'group.updated',
  'group.deleted',
  'file.created',
  'file.uploaded',
  'file.updated',
  'file.trashed',
  'file.deleted',
  'file.restored',
  'file.copied',
  'file.moved',
  'folder.created',
  'folder.updated',
  'folder.trashed',
  'folder.deleted',
  'folder.restored',
  'folder.copied',
  'folder.moved',
  'room.created',
  'room.updated',
  'room.archived',
  'room.deleted',
  'room.restored',
  'room.copied',
  'form.submit',
  'form.filled.out',
  'form.stopped',
  'agent.created',
  'agent.updated',
  'agent.deleted',
  'file.downloaded',
  'folder.downloaded',
] as const;

export type UserTrigger = 'user.created' | 'user.invited' | 'user.updated' | 'user.deleted';
export type Trigger = { readonly name: string; readonly id: number };

/** All triggers except `*`, in ascending bit order. Some ids are larger than 2^32. */
export const TRIGGERS: readonly Trigger[] = TRIGGER_NAMES.map((name, index) => ({
  name,
  id: 2 ** index,
}));

/**
 * The portal lists the two newest triggers after the "move" trigger of their kind (docs/docspace-wire.md
 * 13).
 */
export function triggersInDisplayOrder(): readonly Trigger[] {
  const downloads = TRIGGERS.slice(-2);
  return TRIGGERS.slice(0, -2).flatMap((trigger) => {
    const kind = trigger.name.split('.')[0] ?? '';
    const isLast = trigger.name === `${kind}.moved`;
    const download = downloads.find(({ name }) => name.startsWith(`${kind}.`));
    return isLast && download !== undefined ? [trigger, download] : [trigger];
  });
}

export function triggerId(name: UserTrigger): number {
  return 2 ** TRIGGER_NAMES.indexOf(name);
}

/** Whether `triggers` (0 = all) has the bit `id`. It does not use `&`, which is limited to 32 bits. */
export function hasTrigger(input: { readonly triggers: number; readonly id: number }): boolean {
  // -1 has every bit.
  return input.triggers === 0 || Math.abs(Math.floor(input.triggers / input.id) % 2) === 1;
}

/**
 * `["*"]` for all, otherwise the names of the set bits in ascending order (docs/docspace-wire.md 7.5).
 */
export function triggerNames(triggers: number): readonly string[] {
  if (triggers === 0) return ['*'];
  return TRIGGERS.filter(({ id }) => hasTrigger({ triggers, id })).map(({ name }) => name);
}

/** The name in the enum, such as `UserCreated` for `user.created` (docs/docspace-wire.md 7.6). */
export function enumName(trigger: Trigger): string {
  return trigger.name
    .split('.')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
