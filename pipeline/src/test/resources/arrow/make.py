# Writes the files beside it: pip install pyarrow==26.0.1 polars==2.1.0 numpy
import os
import pyarrow as pa, pyarrow.ipc as ipc, numpy as np, datetime, decimal, polars as pl
d = os.path.dirname(os.path.abspath(__file__)) + '/'
n=4
obs=pa.array([[1,2],[3,4],[5,None],[7,8]],pa.list_(pa.float32()))
cols=dict(
 i8=pa.array([1,-2,None,4],pa.int8()), u64=pa.array([1,2**64-1,3,4],pa.uint64()), i64=pa.array([2**53+1,2,3,4],pa.int64()),
 f16=pa.array(np.array([0.5,-2,65504,np.inf],np.float16)), f64=pa.array([0.1,None,0.3,0.4]),
 flag=pa.array([True,False,None,True]), dec=pa.array([decimal.Decimal('1.25'),decimal.Decimal('-0.05'),None,decimal.Decimal('3')],pa.decimal128(10,2)),
 day=pa.array([datetime.date(1970,1,2),None,datetime.date(2026,1,1),datetime.date(1969,12,31)]), ns=pa.array([1,-1,None,1767225600123456789],pa.timestamp('ns')),
 tod=pa.array([1500,None,0,1],pa.time32('ms')), dur=pa.array([5,6,7,8],pa.duration('us')), nothing=pa.nulls(4),
 text=pa.array(['a',None,'','d']), large=pa.array(['x','yy','zzz','a text of more than twelve'],pa.large_string()), view=pa.array(['x','a text of more than twelve',None,''],pa.string_view()),
 blob=pa.array([b'12',b'',None,b'123'],pa.binary()), fixedblob=pa.array([b'12',b'34',None,b'56'],pa.binary(2)),
 name=pa.array(['left','right','left',None]).dictionary_encode(), obs=obs, fixed=pa.array([[1.,2.]]*3+[None],pa.list_(pa.float64(),2)),
 biglist=pa.array([[1],[],None,[2,3]],pa.large_list(pa.int64())), listview=pa.array([[1,2],[],[3],None],pa.list_view(pa.float32())),
 nested=pa.array([[[1.,2.],[3.,4.]]]*4,pa.list_(pa.list_(pa.float32()))), struct=pa.array([dict(a=1,b=[1.,2.]),None,dict(a=2,b=None),dict(a=3,b=[])],pa.struct([('a',pa.int64()),('b',pa.list_(pa.float32()))])),
 map=pa.array([[('k',1.)],[],None,[('a',2.),('b',3.)]],pa.map_(pa.string(),pa.float64())), runs=pa.RunEndEncodedArray.from_arrays(pa.array([3,4],pa.int32()),pa.array([7,8])))
t=pa.table(cols)
with ipc.new_file(d+'types.arrow',t.schema) as w: w.write_table(t,max_chunksize=3)
with ipc.new_stream(d+'types.arrows',t.schema) as w: w.write_table(t,max_chunksize=3)
big=pa.table(dict(step=pa.array(range(400)),obs=pa.array([[float(i),0.5] for i in range(400)],pa.list_(pa.float32())),name=pa.array(['a','b']*200).dictionary_encode()))
for c in ('lz4','zstd'):
    with ipc.new_file(d+c+'.arrow',big.schema,options=ipc.IpcWriteOptions(compression=c)) as w: w.write_table(big,max_chunksize=150)
pl.DataFrame(dict(step=[0,1,2],obs=[[1.,2.],[3.,4.],[5.,6.]],name=['a','b','a']),schema_overrides=dict(name=pl.Categorical)).write_ipc(d+'polars.arrow')
# deltas and replacement
s=pa.schema([('name',pa.dictionary(pa.int32(),pa.string()))])
with ipc.new_stream(d+'deltas.arrows',s,options=ipc.IpcWriteOptions(emit_dictionary_deltas=True)) as w:
    w.write_batch(pa.record_batch([pa.DictionaryArray.from_arrays(pa.array([0,1],pa.int32()),pa.array(['a','b']))],schema=s))
    w.write_batch(pa.record_batch([pa.DictionaryArray.from_arrays(pa.array([2,0],pa.int32()),pa.array(['a','b','c']))],schema=s))
    w.write_batch(pa.record_batch([pa.DictionaryArray.from_arrays(pa.array([0,0],pa.int32()),pa.array(['z']))],schema=s))
# A row an episode, as the library imitation saves its trajectories
t=pa.table(dict(obs=pa.array([[[i+0.5*k,-k] for k in range(6)] for i in range(5)],pa.list_(pa.list_(pa.float32()))),acts=pa.array([[k%3 for k in range(5)]]*5,pa.list_(pa.int64())),
    infos=pa.array([['{}']*5]*5,pa.list_(pa.string())),terminal=pa.array([True,False,True,False,True]),rews=pa.array([[1.0*k for k in range(5)]]*5,pa.list_(pa.float64()))))
with ipc.new_stream(d+'trajectories.arrow',t.schema) as w: w.write_table(t)
