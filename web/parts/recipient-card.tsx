/**
 * Recipients as cards: channel, who, what they get, reached or not, and how the newest test went.
 * Must not: hold a form of its own (see controls.tsx), or show a whole address to whom it is not for.
 */
import { roleIncludes } from "../auth/users.ts";
import { word } from "../i18n/language.ts";
import { shownAddress } from "../recipient-address.ts";
import type { Html, Scene } from "../scene.ts";
import type { DrillRowView, RecipientView, RouteView } from "../source-recipients.ts";
import { ActButton } from "./controls.tsx";
import { drillWords, lostWords, wishWords } from "./recipient-words.ts";
import { routesOfRecipient } from "./route-words.ts";
import { StatusShape } from "./status.tsx";
import { At } from "./time.tsx";

export const recipientPath = ({ id }: Pick<RecipientView, "id">) =>
  `/notifications/${encodeURIComponent(id)}`;

export const languageName = (language: RecipientView["language"]) =>
  language === "en" ? "English" : "Bahasa Indonesia";

/** Reached, switched off, or lost: and then why, and what to do. */
export function RecipientState({
  scene,
  recipient,
}: {
  readonly scene: Scene;
  readonly recipient: RecipientView;
}): Html {
  const { notifications, lost } = scene.texts;
  const { enabled, disabledReason } = recipient;
  if (enabled || disabledReason === null)
    return (
      <p class={`status status-${enabled ? "up" : "paused"}`}>
        <StatusShape status={enabled ? "up" : "paused"} />
        <span>{enabled ? notifications.active : notifications.inactive}</span>
      </p>
    );
  return (
    <div class="state state-bad">
      <p class="status status-down">
        <StatusShape status="down" />
        <span>{lost.title}</span>
      </p>
      <p>{lostWords(scene.texts, disabledReason)}</p>
      <p class="quiet small">{lost.said(disabledReason)}</p>
    </div>
  );
}

/** How its test of the newest drill went. */
export function DrillResult({ scene, row }: { readonly scene: Scene; readonly row: DrillRowView }): Html {
  const { text, shape } = drillWords(scene, row);
  return (
    <div class="drill-result" role="status">
      <p>
        <StatusShape status={shape} />
        <span>
          {text} <span class="quiet">· </span>
          <At scene={scene} atMs={row.queuedAtMs} clock />
        </span>
      </p>
      {row.lastError !== null ? <p class="delivery-error">{row.lastError}</p> : null}
    </div>
  );
}

export function RecipientCard({
  scene,
  recipient,
  routes,
  drilled,
}: {
  readonly scene: Scene;
  readonly recipient: RecipientView;
  readonly routes: readonly RouteView[];
  /** null: the newest drill was not for it. */
  readonly drilled: DrillRowView | null;
}): Html {
  const { texts } = scene;
  const { notifications, wishes, common, drill } = texts;
  const path = recipientPath(recipient);
  const told = routesOfRecipient(scene, recipient, routes);
  const title = `recipient-${recipient.id}`;
  return (
    <li>
      <article class={`card recipient ${recipient.enabled ? "" : "is-off"}`} aria-labelledby={title}>
        <header>
          <h3 id={title}>
            <a href={path}>{recipient.name}</a>
          </h3>
          <p class="quiet small">
            {word(texts.channel, recipient.channel)} ·{" "}
            {recipient.audience === "users" ? notifications.users : notifications.staff} ·{" "}
            {languageName(recipient.language)} ·{" "}
            <span class="code">{shownAddress(recipient, scene.role)}</span>
          </p>
        </header>
        <RecipientState scene={scene} recipient={recipient} />
        <p class="small">
          {wishWords(scene, recipient).join(" · ")}
          {recipient.audience === "users" ? null : told === "" ? (
            <span class="line warn">{wishes.noRoute}</span>
          ) : (
            <span class="line quiet">{wishes.routes(told)}</span>
          )}
        </p>
        {drilled ? <DrillResult scene={scene} row={drilled} /> : null}
        {roleIncludes(scene.role, "admin") ? (
          <div class="actions">
            {recipient.enabled ? (
              <ActButton action={`${path}/drill`} label={`${drill.send}: ${recipient.name}`}>
                {drill.send}
              </ActButton>
            ) : (
              <ActButton action={`${path}/enable`} label={`${notifications.enable}: ${recipient.name}`}>
                {notifications.enable}
              </ActButton>
            )}
            <a class="button button-plain" href={path} aria-label={`${common.edit}: ${recipient.name}`}>
              {common.edit}
            </a>
          </div>
        ) : null}
      </article>
    </li>
  );
}
