//! `ConvertTo-Csv`: lines of CSV from objects. Left out: cultures other than the invariant one.
//!
//! [ConvertTo-Csv](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/convertto-csv)

use crate::cmdlets::data::csv_writer::{Header, check, described, lines, names};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "ConvertTo-Csv",
    aliases: &[],
    params: "InputObject@0|^ Delimiter@1 NoTypeInformation/NTI? IncludeTypeInformation? UseQuotes QuoteFields NoHeader? UseCulture?",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    check(args)?;
    let items = described(args, input)?;
    let header = if args.switch("NoHeader") {
        Header::LeftOut
    } else {
        Header::Written
    };
    let names = names(engine, &items)?;
    for line in lines(engine, args, &items, &names, header)? {
        out.put(engine, Value::from(line))?;
    }
    Ok(())
}
