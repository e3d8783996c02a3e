/**
 * What belongs together: the servers an incident stands for, and the incident a server's own one is part of.
 * Must not: grow with the outage without end; beyond a bound the rest is counted.
 */
import type { Html, Scene } from "../scene.ts";
import type { IncidentView, MemberView } from "../source-incidents.ts";
import { At } from "./time.tsx";

/** Names on a card: what is read at a glance. */
const CARD_MEMBERS_MAX = 8;
/** Rows on an incident's page: a branch is whole; a mass outage of thousands is better read by its sites. */
const PAGE_MEMBERS_MAX = 500;

const incidentPath = (id: string) => `/incidents/${encodeURIComponent(id)}`;

/** "Part of incident #41", a link; null: it stands alone. */
export function PartOf({
  scene,
  incident,
}: {
  readonly scene: Scene;
  readonly incident: IncidentView;
}): Html | null {
  const { groupedUnder } = incident;
  if (groupedUnder === null) return null;
  const { texts, look } = scene;
  const group = look.openIncidents.find(({ id }) => id === groupedUnder);
  return (
    <a class="part-of" href={incidentPath(groupedUnder)}>
      {group ? texts.incident.groupedUnder(group.number) : texts.incident.grouped}
    </a>
  );
}

/** The first names, for a card. */
export function MemberNames({
  scene,
  incident,
}: {
  readonly scene: Scene;
  readonly incident: IncidentView;
}): Html | null {
  const { texts, look } = scene;
  const { memberIds } = incident;
  if (memberIds.length === 0) return null;
  const left = memberIds.length - CARD_MEMBERS_MAX;
  return (
    <div>
      <dt>{texts.incident.members}</dt>
      <dd>
        {memberIds.slice(0, CARD_MEMBERS_MAX).map((id, index) => {
          const server = look.server(id);
          return (
            <>
              {index > 0 ? ", " : ""}
              {server ? (
                <a href={`/servers/${encodeURIComponent(id)}`}>{server.name}</a>
              ) : (
                texts.common.removedServer
              )}
            </>
          );
        })}
        {left > 0 ? (
          <>
            {", "}
            <a href={`${incidentPath(incident.id)}#members`}>{texts.incident.andMore(left)}</a>
          </>
        ) : null}
      </dd>
    </div>
  );
}

function MemberRow({
  scene,
  member,
  over,
  siteName,
  timeZone,
}: {
  readonly scene: Scene;
  readonly member: MemberView;
  /** null: the same for all, and told above. */
  readonly siteName: string | null;
  /** The group is over: whoever has no end written down is not said to be down. */
  readonly over: boolean;
  readonly timeZone: string;
}): Html {
  const { texts, look } = scene;
  const name = member.serverName ?? texts.common.removedServer;
  return (
    <li>
      <span>
        {look.server(member.serverId) ? (
          <a href={`/servers/${encodeURIComponent(member.serverId)}`}>{name}</a>
        ) : (
          name
        )}
        {siteName === null ? null : <span class="line quiet">{siteName}</span>}
      </span>
      <span class="member-state">
        {member.backAtMs === null ? (
          <span class={over ? "quiet" : "member-down"}>
            {over ? texts.incident.memberUnknown : texts.incident.memberDown}
          </span>
        ) : (
          <>
            {texts.incident.memberBack} <At scene={scene} atMs={member.backAtMs} timeZone={timeZone} />
          </>
        )}
        {member.incidentId === null ? null : (
          <a class="line" href={incidentPath(member.incidentId)}>
            {texts.incident.ownIncident}
          </a>
        )}
      </span>
    </li>
  );
}

/** All of them, with what became of each. */
export function Members({
  scene,
  incident,
  members,
  timeZone,
}: {
  readonly scene: Scene;
  readonly incident: IncidentView;
  readonly members: readonly MemberView[];
  readonly timeZone: string;
}): Html | null {
  if (members.length === 0) return null;
  const { texts } = scene;
  const left = members.length - PAGE_MEMBERS_MAX;
  return (
    <section class="panel" aria-labelledby="members">
      <h2 id="members">
        {texts.incident.members} ({members.length})
      </h2>
      <ul class="members">
        {members.slice(0, PAGE_MEMBERS_MAX).map((member) => (
          <MemberRow
            scene={scene}
            member={member}
            siteName={member.siteName === incident.siteName ? null : member.siteName}
            over={incident.endedAtMs !== null}
            timeZone={timeZone}
          />
        ))}
      </ul>
      {left > 0 ? <p class="quiet">{texts.incident.andMore(left)}</p> : null}
    </section>
  );
}
