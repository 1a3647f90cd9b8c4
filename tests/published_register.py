"""Files in the form in which the register of Ukraine is published, a few rows a year."""

from __future__ import annotations

from pathlib import Path

NEW = (
    "PERSON;REG_ADDR_KOATUU;OPER_CODE;OPER_NAME;D_REG;DEP_CODE;DEP;BRAND;MODEL;VIN;MAKE_YEAR;COLOR;KIND;BODY;PURPOSE;FUEL;CAPACITY;"
    "OWN_WEIGHT;TOTAL_WEIGHT;N_REG_NEW"
)
OLD = ";".join(f'"{name.lower()}"' for name in NEW.split(";") if name != "VIN")
REORDERED = "N_REG_NEW;D_REG;OPER_CODE;OPER_NAME;BRAND;MODEL;VIN;MAKE_YEAR;COLOR;KIND;PURPOSE;BODY;FUEL;CAPACITY;POWER_KWT;OWN_WEIGHT;TOTAL_WEIGHT;PERSON;DEP"
ADDRESS = "8036600000"

_BMW = "2008;{};ЛЕГКОВИЙ;УНІВЕРСАЛ;ЗАГАЛЬНИЙ;ДИЗЕЛЬНЕ ПАЛИВО;2993;2180;2740"
_BMW_2021 = f"P;{ADDRESS};315;315 - ПЕРЕРЕЄСТРАЦІЯ;17.08.2021;2;ТСЦ 2;BMW;X5;WBAFF41010L000001;{_BMW.format('СІРИЙ')};AA1234BB"
_BMW_2016 = f"P;{ADDRESS};315;315 - ПЕРЕРЕЄСТРАЦІЯ;2016-02-03;1;ТСЦ 1;BMW  X5;X5;{_BMW.format('ЧОРНИЙ')};АА1234ВВ"
_LEAF = "2015;БІЛИЙ;ЛЕГКОВИЙ;ХЕТЧБЕК;ЗАГАЛЬНИЙ;ЕЛЕКТРО;;1500;1950"

ROWS_2016 = (
    ";".join(f'"{value}"' for value in _BMW_2016.split(";")),
    f'P;{ADDRESS};100;"100 - ПЕРВИННА; ""НОВА""";2016-05-01;1;ТСЦ 1;ВАЗ  2106;2106;1985;БІЛИЙ;ЛЕГКОВИЙ;СЕДАН;ЗАГАЛЬНИЙ;БЕНЗИН;1569;1035;1435;ВС 0007 НІ',
    f"J;{ADDRESS};100;100 - ПЕРВИННА;2016-06-01;1;ТСЦ 1;DAF  XF;XF;2010;СИНІЙ;ВАНТАЖНИЙ;СІДЛОВИЙ ТЯГАЧ;ЗАГАЛЬНИЙ;NULL;NULL;7000;18000;NULL",
)
ROWS_2021 = (
    _BMW_2021,
    _BMW_2021,
    f"P;{ADDRESS};70;70 - РЕЄСТРАЦІЯ;32.08.2021;2;ТСЦ 2;NISSAN;LEAF;1N4AZ0CP0FC000002;{_LEAF};KA7777AA",
    f"P;{ADDRESS};70;70 - РЕЄСТРАЦІЯ;01.09.2021;2;ТСЦ 2;NISSAN;LEAF;too;many;{_LEAF};KA7778AA",
    f"P;{ADDRESS};70",
)
ROWS_2025 = ("KA 7777 AA;09.01.25;315;315 - ПЕРЕРЕЄСТРАЦІЯ;NISSAN;LEAF;1N4AZ0CP0FC000002;2015;БІЛИЙ;ЛЕГКОВИЙ;ЗАГАЛЬНИЙ;ХЕТЧБЕК;ЕЛЕКТРО;;80;1500;1950;P;ТСЦ 3",)


def write_years(folder: Path) -> list[Path]:
    """2016 in Windows-1251, quoted; 2021 in UTF-8 with a mark; 2025 in UTF-8, in another order. 9 rows, 3 of which cannot be used."""
    years = [folder / f"tz_{year}.csv" for year in (2016, 2021, 2025)]
    for path, header, rows, encoding in zip(years, (OLD, NEW, REORDERED), (ROWS_2016, ROWS_2021, ROWS_2025), ("cp1251", "utf-8-sig", "utf-8"), strict=True):
        path.write_bytes("".join(f"{row}\r\n" for row in (header, *rows)).encode(encoding))
    return years
