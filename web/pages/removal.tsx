/**
 * The page before something is removed: what is lost, and one button that does it.
 * Why one for all: nothing is removed by one slip, and what hurts most wants its name typed.
 * Must not: remove anything; each thing's own page does, with its own checks.
 */
import { page } from "../page.tsx";
import { Csrf, Field, type Problems } from "../parts/controls.tsx";
import type { Html } from "../scene.ts";
import type { Visit } from "../visit.ts";

/** The field in which the name is typed again. */
export const TYPED_NAME = "typedName";

export interface Removal {
  readonly title: string;
  /** What exactly it is, where the title does not name it. */
  readonly which?: Html;
  /** What is lost. */
  readonly what: string;
  /** The form is posted to its `/remove`. */
  readonly path: string;
  /** Where one goes who changes their mind. Default: `path`. */
  readonly back?: string;
  /** The label of the field for its name; left out: the button is enough. */
  readonly typeName?: string;
  readonly problems?: Problems | undefined;
}

export function removalPage(visit: Visit, removal: Removal): Promise<Response> {
  const { common } = visit.texts;
  const { title, which, what, path, back = path, typeName, problems } = removal;
  return page(visit, {
    title,
    status: problems ? 422 : 200,
    content: (
      <div class="narrow">
        <h1>{title}</h1>
        {which}
        <p>{what}</p>
        <form class="form" method="post" action={`${path}/remove`} novalidate={typeName !== undefined}>
          <Csrf token={visit.csrf} />
          {typeName === undefined ? null : (
            <Field name={TYPED_NAME} label={typeName} problems={problems} required />
          )}
          <div class="actions">
            <button type="submit" class="button button-danger">
              {common.remove}
            </button>
            <a class="button button-plain" href={back}>
              {common.cancel}
            </a>
          </div>
        </form>
      </div>
    ),
  });
}

/** What is wrong with the typed name; null: it is the name. */
export function typedNameProblem(visit: Visit, name: string): Problems | null {
  if (visit.form.text(TYPED_NAME) === name.trim()) return null;
  return new Map([[TYPED_NAME, visit.texts.field.nameMismatch]]);
}
