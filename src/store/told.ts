import type { Trigger } from '../domain/vocabulary.ts';
import type { DeliveryShows, PageOf, Paging } from './store.ts';

/* What the portal told, for people to read, and again for the service. Times are UTC ms. */

export const deliveryAnswers = ['accepted', 'unreadable'] as const;

/** A kept delivery; what an unreadable one would have said is null. */
export type ListedDelivery = {
  readonly id: number;
  readonly receivedAt: number;
  readonly answer: (typeof deliveryAnswers)[number];
  readonly trigger: Trigger | null;
  readonly userId: string | null;
  readonly shows: DeliveryShows | null;
  /** Why it could not be read. */
  readonly reason: string | null;
  /** How often the same delivery came again. */
  readonly repeats: number;
  readonly webhookId: number | null;
  readonly eventId: number | null;
  readonly createdOn: number | null;
};
export type KeptDelivery = ListedDelivery & { readonly body: Uint8Array };

export type DeliveryFilter = {
  readonly answer?: ListedDelivery['answer'] | undefined;
  readonly userId?: string | undefined;
  readonly trigger?: Trigger | undefined;
};

export type DeliveryReads = {
  /** Newest first. */
  readonly listDeliveries: (
    filter: DeliveryFilter,
    paging: Paging,
  ) => Promise<PageOf<ListedDelivery>>;
  readonly delivery: (id: number) => Promise<KeptDelivery | null>;
};

export type DeliveryReplay = {
  /**
   * What was unreadable is readable now. Where the same delivery came again and was read already,
   * it does not take that one's name: at most one row has it.
   */
  readonly markReadable: (delivery: {
    readonly id: number;
    readonly trigger: Trigger;
    readonly userId: string;
    readonly shows: DeliveryShows;
    readonly webhookId: number;
    readonly eventId: number;
    readonly createdOn: number;
  }) => Promise<void>;
};
