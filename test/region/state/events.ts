// What happened in the region, as plain data: one event for each change of a state. Timelines and
// tests read them; the groups' engine listens to those of instances.

export type EventKind =
  | "instance"
  | "volume"
  | "attachment"
  | "snapshot"
  | "address"
  | "route"
  | "group"
  | "member"
  | "action"
  | "zone"
  | "notice"
  | "defect";

export interface RegionEvent {
  readonly atMs: number;
  readonly kind: EventKind;
  /** The resource: an attachment has its volume's id, a member its instance's, a route its address. */
  readonly id: string;
  /** null: it did not exist before. For an address, the instance or interface that had it. */
  readonly from: string | null;
  /** null: it is gone, or nobody has it. */
  readonly to: string | null;
  readonly detail: Readonly<Record<string, string>>;
}

export type EventListener = (event: RegionEvent) => void;

export interface Events {
  emit(event: RegionEvent): void;
  on(listener: EventListener): () => void;
}

export function createEvents(): Events {
  const listeners = new Set<EventListener>();
  return {
    emit: (event) => {
      for (const listener of [...listeners]) listener(event);
    },
    on: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
