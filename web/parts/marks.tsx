/**
 * What is odd about a server beside its status: short tags in lists, sentences on its own page.
 * Must not: say it by colour alone.
 */
import { shortMoment } from "../i18n/format.ts";
import type { Html, Scene } from "../scene.ts";
import type { ServerView } from "../source-servers.ts";
import { serverZone } from "./server-facts.tsx";

const order = ["duplicate", "flapping", "unstable", "maintenance"] as const;
type Mark = (typeof order)[number];

const marksOf = (server: ServerView): readonly Mark[] => order.filter((mark) => server.marks[mark] !== null);

function sentence(scene: Scene, server: ServerView, mark: Mark): string {
  const { markMeaning } = scene.texts;
  const { marks } = server;
  const at = (atMs: number) => shortMoment(scene.language, serverZone(scene, server), atMs);
  switch (mark) {
    case "duplicate":
      return markMeaning.duplicate((marks.duplicate?.addresses ?? []).join(", "));
    case "flapping":
      return markMeaning.flapping(marks.flapping?.incidents ?? 0, at(marks.flapping?.sinceMs ?? 0));
    case "unstable":
      return markMeaning.unstable(marks.unstable?.suspicions ?? 0);
    case "maintenance":
      return markMeaning.maintenance(at(marks.maintenance?.endsAtMs ?? 0), marks.maintenance?.note ?? "");
  }
}

/** Beside a name in a list. */
export function MarkTags({ scene, server }: { readonly scene: Scene; readonly server: ServerView }): Html {
  return (
    <>
      {marksOf(server).map((mark) => (
        <span class={`tag mark-${mark}`} title={sentence(scene, server, mark)}>
          {scene.texts.mark[mark]}
        </span>
      ))}
    </>
  );
}

/** On the server's page: what it means and what to do. */
export function MarkSentences({
  scene,
  server,
}: {
  readonly scene: Scene;
  readonly server: ServerView;
}): Html | null {
  const marks = marksOf(server);
  if (marks.length === 0) return null;
  return (
    <ul class="marks">
      {marks.map((mark) => (
        <li>
          <span class={`tag mark-${mark}`}>{scene.texts.mark[mark]}</span>{" "}
          <span>{sentence(scene, server, mark)}</span>
        </li>
      ))}
    </ul>
  );
}
