/** The collector's version, as the panel shows it. Why a constant: the bundle has no package.json beside it. */
export const collectorVersion = "0.1.0";
