/**
 * The shape of what the users of a branch are told.
 * Must not: name a server, an address or a technical term; they want to know whether it is known, and when it is over.
 */

export interface UserTexts {
  /** First lines. `place`: a site's name, or how many sites; null: not known. */
  readonly trouble: (place: string | null) => string;
  readonly over: (place: string | null) => string;
  /** `places`: the sites by name; null: not known. `since`: "10:02 WITA". */
  readonly known: (places: string | null, since: string) => string;
  /** What they may notice. */
  readonly mayNotice: {
    readonly some: string;
    readonly everything: string;
    readonly nothing: string;
  };
  /** They will be told here. */
  readonly willTell: string;
  readonly works: (places: string | null, duration: string, period: string) => string;
  readonly thanks: string;
  readonly sites: (count: number) => string;
  readonly otherSites: (count: number) => string;
}
