/**
 * JSON of other rooms, carried in the commits of the core: a chat's poll offset moves with the effect of its update.
 * Must not: read any of it.
 */
import type { Draft } from "./draft.ts";
import type { ShelfWrite } from "./types/events.ts";

export function shelve(draft: Draft, writes: readonly ShelfWrite[]): void {
  for (const write of writes) draft.put("shelf", write.key, write.remove === true ? null : write.value);
}
