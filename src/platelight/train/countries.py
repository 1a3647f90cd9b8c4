"""The countries a reader tells apart, in the order of its output; new ones are added at the end, none is moved."""

COUNTRIES = tuple(
    "ad ae af al am ar at au az ba bd be bg bh bo br by ca ch cl cn co cr cu cy cz de dk do dz ec ee eg es fi fo fr gb ge gg gh gi gr hk hr "
    "hu id ie il im in iq ir is it je jo jp ke kg kr kw kz lb li lk lt lu lv ma mc md me mk mn mo mt mx my ng nl no np nz om pa pe ph pk pl ps "
    "pt py qa ro rs ru sa se sg si sk sm sv sy th tj tm tn tr tw ua ug us uy uz va ve vn xk za zm zw "
    "ao bn bw ci cm et gt hn jm kh ky mm mu mz na ni pr rw sn tt tz vg ws".split()
)
