/** How a custodian's process ends by itself, as its exit status; numbers of sysexits(3). */
export const STATUSES = {
  /** The application closed it, or has ended. */
  closed: 0,
  /** An error that nobody expected. */
  failed: 70,
  /** Something came over the channel that its application does not send. */
  refused: 76,
} as const;

export type OwnEnd = keyof typeof STATUSES;

/** What such a status means; null for one that the custodian's program does not give. */
export function meaningOf(status: number): string | null {
  if (status === STATUSES.failed) return "a fault of the custodian itself";
  if (status === STATUSES.refused)
    return "something came over its channel that no application sends";
  return null;
}
