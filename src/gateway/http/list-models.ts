/** The one model of a seat, in a list that clients of either protocol can read. Pure. */
import type { JsonObject } from '../../base/json.ts';

export function listModels(model: string): JsonObject {
  const entry = {
    id: model,
    type: 'model',
    display_name: model,
    created_at: '1970-01-01T00:00:00Z',
    object: 'model',
    created: 0,
    owned_by: 'meshwright',
  };
  return { object: 'list', data: [entry], has_more: false, first_id: model, last_id: model };
}
