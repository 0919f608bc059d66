/** What spend is added up by. Apart from the adding, for the command line's help. */
export type CostGrouping = 'role' | 'item' | 'model' | 'day';
export const costGroupings: readonly CostGrouping[] = ['role', 'item', 'model', 'day'];
