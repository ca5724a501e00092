import { countOf, type DurationKind, type Histogram, percentile } from '../domain/durations.ts';

/** How long people take: `p50Ms` and `p90Ms` are within 5 %, and null where nobody was counted. */
export function durationsView(durations: Readonly<Record<DurationKind, Histogram>>) {
  return {
    invitationToActivation: durationView(durations.invitation_to_activation),
    activationToWelcome: durationView(durations.activation_to_welcome),
  };
}

function durationView(histogram: Histogram) {
  return {
    count: countOf(histogram),
    p50Ms: percentile(histogram, 0.5),
    p90Ms: percentile(histogram, 0.9),
  };
}
