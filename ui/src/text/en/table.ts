export const table = {
  select: "Select",
  columns: "Columns",
  reset: "Back to the first columns and widths",
  width: "Width of {column}",
  undo: "Undo",
} as const;
