/** As in sysexits.h, where it has one; fixed in design.md. */
export const exitCodes = {
  done: 0,
  failed: 1,
  wrongUsage: 64,
  portalUnreachable: 69,
  configuration: 78,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
