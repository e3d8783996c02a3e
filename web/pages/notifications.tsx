/**
 * Who is told: how Telegram is, every recipient with how its newest test went, every route, and what no route takes.
 * Must not: add or change anything; that has pages of its own (recipient-add, recipient, route-edit).
 */
import { roleIncludes } from "../auth/users.ts";
import { byName } from "../look.ts";
import { page } from "../page.tsx";
import { ActButton, Empty } from "../parts/controls.tsx";
import { Fragment } from "../parts/fragment.tsx";
import { RecipientCard } from "../parts/recipient-card.tsx";
import { RouteList, Untold } from "../parts/route-list.tsx";
import { TelegramState } from "../parts/telegram-state.tsx";
import { At } from "../parts/time.tsx";
import type { Html, Scene, View } from "../scene.ts";
import type { DrillRowView, RecipientView } from "../source-recipients.ts";
import { done, type Visit } from "../visit.ts";
import { refusedPage } from "./errors.tsx";

function Telegram({ scene }: { readonly scene: Scene }): Html {
  return (
    <Fragment name="telegram">
      <section class="panel" aria-labelledby="telegram-title">
        <h2 id="telegram-title">{scene.texts.notifications.telegramState}</h2>
        <TelegramState scene={scene} />
      </section>
    </Fragment>
  );
}

/** How the newest test went as a whole, and the button for another to all. */
function Drill({ scene, rows }: { readonly scene: Scene; readonly rows: readonly DrillRowView[] }): Html {
  const { drill } = scene.texts;
  const [first] = rows;
  const arrived = rows.filter(({ status }) => status === "sent").length;
  return (
    <div class="drill">
      <p class="small quiet">
        {first ? (
          <>
            {drill.lately(arrived, rows.length)} <At scene={scene} atMs={first.queuedAtMs} />,{" "}
            {drill.by(first.by)}
          </>
        ) : (
          drill.sendAllHint
        )}
      </p>
      {roleIncludes(scene.role, "admin") ? (
        <ActButton action="/notifications/drill">{drill.sendAll}</ActButton>
      ) : null}
    </div>
  );
}

/** Who cannot be reached, then staff, then users; by name. */
function lostFirst(a: RecipientView, b: RecipientView): number {
  const rank = ({ enabled, disabledReason, audience }: RecipientView) =>
    !enabled && disabledReason !== null ? 0 : audience === "staff" ? 1 : 2;
  return rank(a) - rank(b) || byName(a, b);
}

export function Recipients({ scene }: { readonly scene: Scene }): Html {
  const { notifications } = scene.texts;
  const recipients = [...scene.source.recipients()].sort(lostFirst);
  const routes = scene.source.routes();
  const rows = scene.source.drills();
  return (
    <Fragment name="recipients">
      <section aria-labelledby="recipients-title">
        <h2 id="recipients-title">{notifications.recipients}</h2>
        {recipients.length === 0 ? (
          <Empty title={notifications.empty} hint={notifications.emptyHint}>
            {roleIncludes(scene.role, "admin") ? (
              <a class="button button-plain" href="/notifications/add">
                {notifications.add}
              </a>
            ) : null}
          </Empty>
        ) : (
          <>
            <Drill scene={scene} rows={rows} />
            <ul class="recipients">
              {recipients.map((recipient) => (
                <RecipientCard
                  scene={scene}
                  recipient={recipient}
                  routes={routes}
                  drilled={rows.find(({ recipientId }) => recipientId === recipient.id) ?? null}
                />
              ))}
            </ul>
          </>
        )}
      </section>
    </Fragment>
  );
}

/** Rows of drills are told by the drill's name. */
const isOfDrill = (notificationId: string) => notificationId.startsWith("drill-");

export const notificationsView: View = {
  key: "notifications",
  names: ["untold", "recipients", "routes", "telegram"],
  periodic: ["telegram"],
  touched: (change) => {
    switch (change.topic) {
      case "recipient":
      case "route":
      case "site":
        return ["untold", "recipients", "routes"];
      case "notification":
        return isOfDrill(change.id) ? ["recipients"] : [];
      default:
        return [];
    }
  },
  draw: (name, scene) => {
    switch (name) {
      case "telegram":
        return <Telegram scene={scene} />;
      case "untold":
        return <Untold scene={scene} />;
      case "routes":
        return <RouteList scene={scene} />;
      default:
        return <Recipients scene={scene} />;
    }
  },
};

export function showNotifications(visit: Visit): Promise<Response> {
  const { texts, scene } = visit;
  const { notifications } = texts;
  return page(visit, {
    title: notifications.title,
    view: notificationsView,
    viewPath: "/notifications",
    content: (
      <>
        <div class="page-head">
          <h1>{notifications.title}</h1>
          {roleIncludes(scene.role, "admin") ? (
            <a class="button button-primary" href="/notifications/add">
              {notifications.add}
            </a>
          ) : null}
        </div>
        <p class="lead">{notifications.lead}</p>
        <Untold scene={scene} />
        <div class="columns columns-wide-left">
          <Recipients scene={scene} />
          <div>
            <RouteList scene={scene} />
            <Telegram scene={scene} />
          </div>
        </div>
      </>
    ),
  });
}

/** A test to everybody for staff. */
export async function drillAll(visit: Visit): Promise<Response> {
  const result = await visit.panel.source.startDrill(null, visit.session.user.username);
  return result.ok ? done(visit, "drilled", "/notifications", true) : refusedPage(visit, result.code);
}
