/**
 * A status as shape, colour and word: never colour alone.
 * Why drawn shapes: fonts draw ● ◐ ▲ ◆ ■ in different sizes, some as emoji.
 * Must not: show a status without its word, at least to those who listen.
 */
import type { Texts } from "../i18n/id.ts";
import type { Html } from "../scene.ts";
import type { Status } from "../source-servers.ts";

function Shape({ status }: { readonly status: Status }): Html {
  switch (status) {
    case "up":
      return <circle cx="8" cy="8" r="6" />;
    case "suspect":
      return (
        <>
          <circle cx="8" cy="8" r="5.25" class="shape-line" />
          <path d="M8 2.75a5.25 5.25 0 0 1 0 10.5z" />
        </>
      );
    case "down":
      return <path d="M8 1.5 15 14H1z" />;
    case "planned":
      return <path d="M8 1.2 14.8 8 8 14.8 1.2 8z" />;
    case "paused":
      return <rect x="2.5" y="2.5" width="11" height="11" rx="1" />;
    case "recovering":
      return (
        <>
          <circle cx="8" cy="8" r="5.75" class="shape-line" />
          <circle cx="8" cy="8" r="2.75" />
        </>
      );
    case "new":
      return <circle cx="8" cy="8" r="5.25" class="shape-line" />;
  }
}

export function StatusShape({ status }: { readonly status: Status }): Html {
  return (
    <svg class={`shape status-${status}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <Shape status={status} />
    </svg>
  );
}

export function StatusMark({ status, texts }: { readonly status: Status; readonly texts: Texts }): Html {
  return (
    <span class={`status status-${status}`} title={texts.statusMeaning[status]}>
      <StatusShape status={status} />
      <span>{texts.status[status]}</span>
    </span>
  );
}
