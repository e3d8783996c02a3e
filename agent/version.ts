/** The program's version, as it tells the collector. Why a constant: the agent is one file without a package.json. */
export const agentVersion = "0.1.0";
