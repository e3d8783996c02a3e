/**
 * The way to add a server, for those who may.
 * Must not: be shown to whoever would be refused.
 */
import { roleIncludes } from "../auth/users.ts";
import type { Html, Scene } from "../scene.ts";

export function AddServer({ scene }: { readonly scene: Scene }): Html | null {
  if (!roleIncludes(scene.role, "operator")) return null;
  return (
    <a class="button button-primary" href="/servers/add">
      {scene.texts.servers.add}
    </a>
  );
}
