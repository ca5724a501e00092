import type { Reason } from '../../domain/reason.ts';
import { reasonText } from '../../messages/render.ts';
import type { Visitor } from '../viewer.ts';

/** A reason in the viewer's language; null shows a dash. */
export function ReasonText(props: { readonly viewer: Visitor; readonly reason: Reason | null }) {
  const { viewer, reason } = props;
  if (reason === null) return <span class="soft">–</span>;
  return <span>{reasonText(reason, viewer.language)}</span>;
}
