// Dates in UTC and ISO form: no locale, no time zone but UTC.
const date = new Date(Date.UTC(2024, 1, 29, 23, 59, 58, 7));
console.log(date.toISOString(), date.getTime(), JSON.stringify({ date }), date);
date.setUTCDate(date.getUTCDate() + 1);
console.log(date.toISOString(), date.getUTCDay(), date.toUTCString());
console.log(new Date('2024-03-10T10:00:00+02:00').toISOString(), Date.parse('2024-01-01'), new Date('nonsense').getTime(), new Date(NaN));
const day = 86400000;
console.log(Math.floor((Date.parse('2024-12-25') - Date.parse('2024-05-01')) / day), new Date(0).toJSON());
console.log([new Date(3), new Date(1), new Date(2)].sort((a, b) => a - b).map(Number), new Date(2024, 0, 31) instanceof Date);
console.log(Math.abs(Date.now() - new Date()) < 1000, typeof performance.now(), performance.now() >= 0);
