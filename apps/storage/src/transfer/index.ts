export { EXPORT_FORMATS, exportHistory, type ExportFormat } from './export-history.ts';
export { FIELDS, LOSS_UNITS, RTT_UNITS, type Field, type LossUnit, type RttUnit } from './foreign-rows.ts';
export { importHistory, type ImportReport } from './import-history.ts';
export { TransferError } from './transfer.ts';
export { kindNames, type KindName } from '../kinds/kinds.ts';
