import { hasSignedForm, keyAdvice } from '../docspace/signed-key.ts';
import type { ChannelName } from '../domain/outcome.ts';

/** `phrase` is fixed and short, for `/readyz`; `advice` says what to do. */
export type KeyFinding = { readonly phrase: string; readonly advice: string };

/**
 * Whether the configured Key can be accepted by a portal, found out without sending anything
 * (wire 6.2). For the start-up log, `/readyz` and `doctor`.
 * @returns null when there is nothing to say
 */
export function keyFinding(welcome: {
  readonly channels: readonly ChannelName[];
  readonly key: string;
  readonly hasMachineKey: boolean;
}): KeyFinding | null {
  if (!welcome.channels.includes('docspace')) return null;
  if (welcome.hasMachineKey || hasSignedForm(welcome.key)) return null;
  return {
    phrase: 'no real portal accepts WELCOME_KEY: it is not a signed key',
    advice: keyAdvice,
  };
}
