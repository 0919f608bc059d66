/** Fills in what an outside agent's variables leave open: where its gateway is, its key, its model. Pure. */

export interface SeatPlace {
  /** `http://127.0.0.1:port`, as the agent sees it. */
  gatewayUrl: string;
  key: string;
  model: string;
}

export function fillEnvironment(
  env: Readonly<Record<string, string>>,
  { gatewayUrl, key, model }: SeatPlace,
): Record<string, string> {
  const values: Readonly<Record<string, string>> = { gateway_url: gatewayUrl, gateway_key: key, model };
  return Object.fromEntries(
    Object.entries(env).map(([name, text]) => [
      name,
      text.replaceAll(/\{(gateway_url|gateway_key|model)\}/g, (_, field: string) => values[field] ?? ''),
    ]),
  );
}
