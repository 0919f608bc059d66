/** Migration 4: reservations without an index that only `doctor` used. */

// It cost every model call as much as its reservation's key. Whoever wants a project's reservations reads them all.
export const LEAN_RESERVATIONS = `
drop index meshwright.reservation_of_project;
`;
