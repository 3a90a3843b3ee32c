// Code generated from transform_arm64.neon by darkroom/worker/internal/neon. DO NOT EDIT.

#include "textflag.h"

// The factors c1, c2, c3, c5, c6 and c7, the bits of a mask's byte twice, and where the bytes of a block, column by column,
// have the places of the zigzag order.
DATA constants<>+0(SB)/8, $0x32494b42539f58c5
DATA constants<>+8(SB)/8, $0x0000000011a822a3
DATA constants<>+16(SB)/8, $0x8040201008040201
DATA constants<>+24(SB)/8, $0x8040201008040201
DATA constants<>+32(SB)/8, $0x1118100902010800
DATA constants<>+40(SB)/8, $0x282019120b04030a
DATA constants<>+48(SB)/8, $0x140d06050c131a21
DATA constants<>+56(SB)/8, $0x232a31383029221b
DATA constants<>+64(SB)/8, $0x241d160f070e151c
DATA constants<>+72(SB)/8, $0x1e252c333a39322b
DATA constants<>+80(SB)/8, $0x353c3b342d261f17
DATA constants<>+88(SB)/8, $0x3f373e3d362f272e
GLOBL constants<>(SB), RODATA|NOPTR, $96

// func transformBlocksNEON(dst *block, m *masks, pix *byte, stride, count, precisions int, d *divisors)
TEXT ·transformBlocksNEON(SB), NOSPLIT, $0-56
	MOVD dst+0(FP), R0
	MOVD m+8(FP), R1
	MOVD pix+16(FP), R2
	MOVD stride+24(FP), R3
	MOVD count+32(FP), R4
	MOVD precisions+40(FP), R5
	MOVD d+48(FP), R6
	MOVD $constants<>(SB), R7
	WORD $0xad406cef // ldp q15, q27, [x7]
	WORD $0xad4174fc // ldp q28, q29, [x7, #32]
	WORD $0xad427cfe // ldp q30, q31, [x7, #64]
	WORD $0x4f00a49a // movi v26.8h, #0x4, lsl #8
	WORD $0xaa0203e8 // mov x8, x2
	WORD $0x0cc37100 // ld1 {v0.8b}, [x8], x3
	WORD $0x0cc37101 // ld1 {v1.8b}, [x8], x3
	WORD $0x0cc37102 // ld1 {v2.8b}, [x8], x3
	WORD $0x0cc37103 // ld1 {v3.8b}, [x8], x3
	WORD $0x0cc37104 // ld1 {v4.8b}, [x8], x3
	WORD $0x0cc37105 // ld1 {v5.8b}, [x8], x3
	WORD $0x0cc37106 // ld1 {v6.8b}, [x8], x3
	WORD $0x0cc37107 // ld1 {v7.8b}, [x8], x3
	WORD $0x2e270014 // uaddl v20.8h, v0.8b, v7.8b
	WORD $0x2e272000 // usubl v0.8h, v0.8b, v7.8b
	WORD $0x2e260035 // uaddl v21.8h, v1.8b, v6.8b
	WORD $0x2e262021 // usubl v1.8h, v1.8b, v6.8b
	WORD $0x2e250056 // uaddl v22.8h, v2.8b, v5.8b
	WORD $0x2e252042 // usubl v2.8h, v2.8b, v5.8b
	WORD $0x2e240077 // uaddl v23.8h, v3.8b, v4.8b
	WORD $0x2e242063 // usubl v3.8h, v3.8b, v4.8b
	WORD $0x4e778690 // add v16.8h, v20.8h, v23.8h
	WORD $0x6e778694 // sub v20.8h, v20.8h, v23.8h
	WORD $0x4e7686b1 // add v17.8h, v21.8h, v22.8h
	WORD $0x6e7686b5 // sub v21.8h, v21.8h, v22.8h
	WORD $0x4e718604 // add v4.8h, v16.8h, v17.8h
	WORD $0x6e718605 // sub v5.8h, v16.8h, v17.8h
	WORD $0x0f5fa298 // smull v24.4s, v20.4h, v15.h[1]
	WORD $0x4f5fa299 // smull2 v25.4s, v20.8h, v15.h[1]
	WORD $0x0f4f2ab8 // smlal v24.4s, v21.4h, v15.h[4]
	WORD $0x4f4f2ab9 // smlal2 v25.4s, v21.8h, v15.h[4]
	WORD $0x0f148f06 // rshrn v6.4h, v24.4s, #12
	WORD $0x4f148f26 // rshrn2 v6.8h, v25.4s, #12
	WORD $0x0f4faa98 // smull v24.4s, v20.4h, v15.h[4]
	WORD $0x4f4faa99 // smull2 v25.4s, v20.8h, v15.h[4]
	WORD $0x0f5f62b8 // smlsl v24.4s, v21.4h, v15.h[1]
	WORD $0x4f5f62b9 // smlsl2 v25.4s, v21.8h, v15.h[1]
	WORD $0x0f148f07 // rshrn v7.4h, v24.4s, #12
	WORD $0x4f148f27 // rshrn2 v7.8h, v25.4s, #12
	WORD $0x0f4fa018 // smull v24.4s, v0.4h, v15.h[0]
	WORD $0x4f4fa019 // smull2 v25.4s, v0.8h, v15.h[0]
	WORD $0x0f6f2038 // smlal v24.4s, v1.4h, v15.h[2]
	WORD $0x4f6f2039 // smlal2 v25.4s, v1.8h, v15.h[2]
	WORD $0x0f7f2058 // smlal v24.4s, v2.4h, v15.h[3]
	WORD $0x4f7f2059 // smlal2 v25.4s, v2.8h, v15.h[3]
	WORD $0x0f5f2878 // smlal v24.4s, v3.4h, v15.h[5]
	WORD $0x4f5f2879 // smlal2 v25.4s, v3.8h, v15.h[5]
	WORD $0x0f148f08 // rshrn v8.4h, v24.4s, #12
	WORD $0x4f148f28 // rshrn2 v8.8h, v25.4s, #12
	WORD $0x0f6fa018 // smull v24.4s, v0.4h, v15.h[2]
	WORD $0x4f6fa019 // smull2 v25.4s, v0.8h, v15.h[2]
	WORD $0x0f5f6838 // smlsl v24.4s, v1.4h, v15.h[5]
	WORD $0x4f5f6839 // smlsl2 v25.4s, v1.8h, v15.h[5]
	WORD $0x0f4f6058 // smlsl v24.4s, v2.4h, v15.h[0]
	WORD $0x4f4f6059 // smlsl2 v25.4s, v2.8h, v15.h[0]
	WORD $0x0f7f6078 // smlsl v24.4s, v3.4h, v15.h[3]
	WORD $0x4f7f6079 // smlsl2 v25.4s, v3.8h, v15.h[3]
	WORD $0x0f148f09 // rshrn v9.4h, v24.4s, #12
	WORD $0x4f148f29 // rshrn2 v9.8h, v25.4s, #12
	WORD $0x0f7fa018 // smull v24.4s, v0.4h, v15.h[3]
	WORD $0x4f7fa019 // smull2 v25.4s, v0.8h, v15.h[3]
	WORD $0x0f4f6038 // smlsl v24.4s, v1.4h, v15.h[0]
	WORD $0x4f4f6039 // smlsl2 v25.4s, v1.8h, v15.h[0]
	WORD $0x0f5f2858 // smlal v24.4s, v2.4h, v15.h[5]
	WORD $0x4f5f2859 // smlal2 v25.4s, v2.8h, v15.h[5]
	WORD $0x0f6f2078 // smlal v24.4s, v3.4h, v15.h[2]
	WORD $0x4f6f2079 // smlal2 v25.4s, v3.8h, v15.h[2]
	WORD $0x0f148f0a // rshrn v10.4h, v24.4s, #12
	WORD $0x4f148f2a // rshrn2 v10.8h, v25.4s, #12
	WORD $0x0f5fa818 // smull v24.4s, v0.4h, v15.h[5]
	WORD $0x4f5fa819 // smull2 v25.4s, v0.8h, v15.h[5]
	WORD $0x0f7f6038 // smlsl v24.4s, v1.4h, v15.h[3]
	WORD $0x4f7f6039 // smlsl2 v25.4s, v1.8h, v15.h[3]
	WORD $0x0f6f2058 // smlal v24.4s, v2.4h, v15.h[2]
	WORD $0x4f6f2059 // smlal2 v25.4s, v2.8h, v15.h[2]
	WORD $0x0f4f6078 // smlsl v24.4s, v3.4h, v15.h[0]
	WORD $0x4f4f6079 // smlsl2 v25.4s, v3.8h, v15.h[0]
	WORD $0x0f148f0b // rshrn v11.4h, v24.4s, #12
	WORD $0x4f148f2b // rshrn2 v11.8h, v25.4s, #12
	WORD $0x6e7a8484 // sub v4.8h, v4.8h, v26.8h
	WORD $0x4f125484 // shl v4.8h, v4.8h, #2
	WORD $0x4f1254a5 // shl v5.8h, v5.8h, #2
	WORD $0x4e482890 // trn1 v16.8h, v4.8h, v8.8h
	WORD $0x4e486891 // trn2 v17.8h, v4.8h, v8.8h
	WORD $0x4e4928d2 // trn1 v18.8h, v6.8h, v9.8h
	WORD $0x4e4968d3 // trn2 v19.8h, v6.8h, v9.8h
	WORD $0x4e4a28b4 // trn1 v20.8h, v5.8h, v10.8h
	WORD $0x4e4a68b5 // trn2 v21.8h, v5.8h, v10.8h
	WORD $0x4e4b28f6 // trn1 v22.8h, v7.8h, v11.8h
	WORD $0x4e4b68f7 // trn2 v23.8h, v7.8h, v11.8h
	WORD $0x4e922a04 // trn1 v4.4s, v16.4s, v18.4s
	WORD $0x4e926a05 // trn2 v5.4s, v16.4s, v18.4s
	WORD $0x4e932a26 // trn1 v6.4s, v17.4s, v19.4s
	WORD $0x4e936a27 // trn2 v7.4s, v17.4s, v19.4s
	WORD $0x4e962a88 // trn1 v8.4s, v20.4s, v22.4s
	WORD $0x4e966a89 // trn2 v9.4s, v20.4s, v22.4s
	WORD $0x4e972aaa // trn1 v10.4s, v21.4s, v23.4s
	WORD $0x4e976aab // trn2 v11.4s, v21.4s, v23.4s
	WORD $0x4ec82880 // trn1 v0.2d, v4.2d, v8.2d
	WORD $0x4ec86890 // trn2 v16.2d, v4.2d, v8.2d
	WORD $0x4eca28c1 // trn1 v1.2d, v6.2d, v10.2d
	WORD $0x4eca68d1 // trn2 v17.2d, v6.2d, v10.2d
	WORD $0x4ec928a2 // trn1 v2.2d, v5.2d, v9.2d
	WORD $0x4ec968b2 // trn2 v18.2d, v5.2d, v9.2d
	WORD $0x4ecb28e3 // trn1 v3.2d, v7.2d, v11.2d
	WORD $0x4ecb68f3 // trn2 v19.2d, v7.2d, v11.2d
	WORD $0x4e738414 // add v20.8h, v0.8h, v19.8h
	WORD $0x6e738400 // sub v0.8h, v0.8h, v19.8h
	WORD $0x4e728435 // add v21.8h, v1.8h, v18.8h
	WORD $0x6e728421 // sub v1.8h, v1.8h, v18.8h
	WORD $0x4e718456 // add v22.8h, v2.8h, v17.8h
	WORD $0x6e718442 // sub v2.8h, v2.8h, v17.8h
	WORD $0x4e708477 // add v23.8h, v3.8h, v16.8h
	WORD $0x6e708463 // sub v3.8h, v3.8h, v16.8h
	WORD $0x4e778690 // add v16.8h, v20.8h, v23.8h
	WORD $0x6e778694 // sub v20.8h, v20.8h, v23.8h
	WORD $0x4e7686b1 // add v17.8h, v21.8h, v22.8h
	WORD $0x6e7686b5 // sub v21.8h, v21.8h, v22.8h
	WORD $0x4e718604 // add v4.8h, v16.8h, v17.8h
	WORD $0x6e718605 // sub v5.8h, v16.8h, v17.8h
	WORD $0x0f5fa298 // smull v24.4s, v20.4h, v15.h[1]
	WORD $0x4f5fa299 // smull2 v25.4s, v20.8h, v15.h[1]
	WORD $0x0f4f2ab8 // smlal v24.4s, v21.4h, v15.h[4]
	WORD $0x4f4f2ab9 // smlal2 v25.4s, v21.8h, v15.h[4]
	WORD $0x0f128f06 // rshrn v6.4h, v24.4s, #14
	WORD $0x4f128f26 // rshrn2 v6.8h, v25.4s, #14
	WORD $0x0f4faa98 // smull v24.4s, v20.4h, v15.h[4]
	WORD $0x4f4faa99 // smull2 v25.4s, v20.8h, v15.h[4]
	WORD $0x0f5f62b8 // smlsl v24.4s, v21.4h, v15.h[1]
	WORD $0x4f5f62b9 // smlsl2 v25.4s, v21.8h, v15.h[1]
	WORD $0x0f128f07 // rshrn v7.4h, v24.4s, #14
	WORD $0x4f128f27 // rshrn2 v7.8h, v25.4s, #14
	WORD $0x0f4fa018 // smull v24.4s, v0.4h, v15.h[0]
	WORD $0x4f4fa019 // smull2 v25.4s, v0.8h, v15.h[0]
	WORD $0x0f6f2038 // smlal v24.4s, v1.4h, v15.h[2]
	WORD $0x4f6f2039 // smlal2 v25.4s, v1.8h, v15.h[2]
	WORD $0x0f7f2058 // smlal v24.4s, v2.4h, v15.h[3]
	WORD $0x4f7f2059 // smlal2 v25.4s, v2.8h, v15.h[3]
	WORD $0x0f5f2878 // smlal v24.4s, v3.4h, v15.h[5]
	WORD $0x4f5f2879 // smlal2 v25.4s, v3.8h, v15.h[5]
	WORD $0x0f128f08 // rshrn v8.4h, v24.4s, #14
	WORD $0x4f128f28 // rshrn2 v8.8h, v25.4s, #14
	WORD $0x0f6fa018 // smull v24.4s, v0.4h, v15.h[2]
	WORD $0x4f6fa019 // smull2 v25.4s, v0.8h, v15.h[2]
	WORD $0x0f5f6838 // smlsl v24.4s, v1.4h, v15.h[5]
	WORD $0x4f5f6839 // smlsl2 v25.4s, v1.8h, v15.h[5]
	WORD $0x0f4f6058 // smlsl v24.4s, v2.4h, v15.h[0]
	WORD $0x4f4f6059 // smlsl2 v25.4s, v2.8h, v15.h[0]
	WORD $0x0f7f6078 // smlsl v24.4s, v3.4h, v15.h[3]
	WORD $0x4f7f6079 // smlsl2 v25.4s, v3.8h, v15.h[3]
	WORD $0x0f128f09 // rshrn v9.4h, v24.4s, #14
	WORD $0x4f128f29 // rshrn2 v9.8h, v25.4s, #14
	WORD $0x0f7fa018 // smull v24.4s, v0.4h, v15.h[3]
	WORD $0x4f7fa019 // smull2 v25.4s, v0.8h, v15.h[3]
	WORD $0x0f4f6038 // smlsl v24.4s, v1.4h, v15.h[0]
	WORD $0x4f4f6039 // smlsl2 v25.4s, v1.8h, v15.h[0]
	WORD $0x0f5f2858 // smlal v24.4s, v2.4h, v15.h[5]
	WORD $0x4f5f2859 // smlal2 v25.4s, v2.8h, v15.h[5]
	WORD $0x0f6f2078 // smlal v24.4s, v3.4h, v15.h[2]
	WORD $0x4f6f2079 // smlal2 v25.4s, v3.8h, v15.h[2]
	WORD $0x0f128f0a // rshrn v10.4h, v24.4s, #14
	WORD $0x4f128f2a // rshrn2 v10.8h, v25.4s, #14
	WORD $0x0f5fa818 // smull v24.4s, v0.4h, v15.h[5]
	WORD $0x4f5fa819 // smull2 v25.4s, v0.8h, v15.h[5]
	WORD $0x0f7f6038 // smlsl v24.4s, v1.4h, v15.h[3]
	WORD $0x4f7f6039 // smlsl2 v25.4s, v1.8h, v15.h[3]
	WORD $0x0f6f2058 // smlal v24.4s, v2.4h, v15.h[2]
	WORD $0x4f6f2059 // smlal2 v25.4s, v2.8h, v15.h[2]
	WORD $0x0f4f6078 // smlsl v24.4s, v3.4h, v15.h[0]
	WORD $0x4f4f6079 // smlsl2 v25.4s, v3.8h, v15.h[0]
	WORD $0x0f128f0b // rshrn v11.4h, v24.4s, #14
	WORD $0x4f128f2b // rshrn2 v11.8h, v25.4s, #14
	WORD $0x3dc000d1 // ldr q17, [x6]
	WORD $0x3dc020d2 // ldr q18, [x6, #128]
	WORD $0x3dc060d3 // ldr q19, [x6, #384]
	WORD $0x4e60b890 // abs v16.8h, v4.8h
	WORD $0x4e718610 // add v16.8h, v16.8h, v17.8h
	WORD $0x2e72c214 // umull v20.4s, v16.4h, v18.4h
	WORD $0x6e72c215 // umull2 v21.4s, v16.8h, v18.8h
	WORD $0x4e555a90 // uzp2 v16.8h, v20.8h, v21.8h
	WORD $0x6e734610 // ushl v16.8h, v16.8h, v19.8h
	WORD $0x4e60a891 // cmlt v17.8h, v4.8h, #0
	WORD $0x6e311e12 // eor v18.16b, v16.16b, v17.16b
	WORD $0x6e718652 // sub v18.8h, v18.8h, v17.8h
	WORD $0x3d800012 // str q18, [x0]
	WORD $0x2e214a00 // uqxtn v0.8b, v16.8h
	WORD $0x3dc004d1 // ldr q17, [x6, #16]
	WORD $0x3dc024d2 // ldr q18, [x6, #144]
	WORD $0x3dc064d3 // ldr q19, [x6, #400]
	WORD $0x4e60b910 // abs v16.8h, v8.8h
	WORD $0x4e718610 // add v16.8h, v16.8h, v17.8h
	WORD $0x2e72c214 // umull v20.4s, v16.4h, v18.4h
	WORD $0x6e72c215 // umull2 v21.4s, v16.8h, v18.8h
	WORD $0x4e555a90 // uzp2 v16.8h, v20.8h, v21.8h
	WORD $0x6e734610 // ushl v16.8h, v16.8h, v19.8h
	WORD $0x4e60a911 // cmlt v17.8h, v8.8h, #0
	WORD $0x6e311e12 // eor v18.16b, v16.16b, v17.16b
	WORD $0x6e718652 // sub v18.8h, v18.8h, v17.8h
	WORD $0x3d800412 // str q18, [x0, #16]
	WORD $0x6e214a00 // uqxtn2 v0.16b, v16.8h
	WORD $0x3dc008d1 // ldr q17, [x6, #32]
	WORD $0x3dc028d2 // ldr q18, [x6, #160]
	WORD $0x3dc068d3 // ldr q19, [x6, #416]
	WORD $0x4e60b8d0 // abs v16.8h, v6.8h
	WORD $0x4e718610 // add v16.8h, v16.8h, v17.8h
	WORD $0x2e72c214 // umull v20.4s, v16.4h, v18.4h
	WORD $0x6e72c215 // umull2 v21.4s, v16.8h, v18.8h
	WORD $0x4e555a90 // uzp2 v16.8h, v20.8h, v21.8h
	WORD $0x6e734610 // ushl v16.8h, v16.8h, v19.8h
	WORD $0x4e60a8d1 // cmlt v17.8h, v6.8h, #0
	WORD $0x6e311e12 // eor v18.16b, v16.16b, v17.16b
	WORD $0x6e718652 // sub v18.8h, v18.8h, v17.8h
	WORD $0x3d800812 // str q18, [x0, #32]
	WORD $0x2e214a01 // uqxtn v1.8b, v16.8h
	WORD $0x3dc00cd1 // ldr q17, [x6, #48]
	WORD $0x3dc02cd2 // ldr q18, [x6, #176]
	WORD $0x3dc06cd3 // ldr q19, [x6, #432]
	WORD $0x4e60b930 // abs v16.8h, v9.8h
	WORD $0x4e718610 // add v16.8h, v16.8h, v17.8h
	WORD $0x2e72c214 // umull v20.4s, v16.4h, v18.4h
	WORD $0x6e72c215 // umull2 v21.4s, v16.8h, v18.8h
	WORD $0x4e555a90 // uzp2 v16.8h, v20.8h, v21.8h
	WORD $0x6e734610 // ushl v16.8h, v16.8h, v19.8h
	WORD $0x4e60a931 // cmlt v17.8h, v9.8h, #0
	WORD $0x6e311e12 // eor v18.16b, v16.16b, v17.16b
	WORD $0x6e718652 // sub v18.8h, v18.8h, v17.8h
	WORD $0x3d800c12 // str q18, [x0, #48]
	WORD $0x6e214a01 // uqxtn2 v1.16b, v16.8h
	WORD $0x3dc010d1 // ldr q17, [x6, #64]
	WORD $0x3dc030d2 // ldr q18, [x6, #192]
	WORD $0x3dc070d3 // ldr q19, [x6, #448]
	WORD $0x4e60b8b0 // abs v16.8h, v5.8h
	WORD $0x4e718610 // add v16.8h, v16.8h, v17.8h
	WORD $0x2e72c214 // umull v20.4s, v16.4h, v18.4h
	WORD $0x6e72c215 // umull2 v21.4s, v16.8h, v18.8h
	WORD $0x4e555a90 // uzp2 v16.8h, v20.8h, v21.8h
	WORD $0x6e734610 // ushl v16.8h, v16.8h, v19.8h
	WORD $0x4e60a8b1 // cmlt v17.8h, v5.8h, #0
	WORD $0x6e311e12 // eor v18.16b, v16.16b, v17.16b
	WORD $0x6e718652 // sub v18.8h, v18.8h, v17.8h
	WORD $0x3d801012 // str q18, [x0, #64]
	WORD $0x2e214a02 // uqxtn v2.8b, v16.8h
	WORD $0x3dc014d1 // ldr q17, [x6, #80]
	WORD $0x3dc034d2 // ldr q18, [x6, #208]
	WORD $0x3dc074d3 // ldr q19, [x6, #464]
	WORD $0x4e60b950 // abs v16.8h, v10.8h
	WORD $0x4e718610 // add v16.8h, v16.8h, v17.8h
	WORD $0x2e72c214 // umull v20.4s, v16.4h, v18.4h
	WORD $0x6e72c215 // umull2 v21.4s, v16.8h, v18.8h
	WORD $0x4e555a90 // uzp2 v16.8h, v20.8h, v21.8h
	WORD $0x6e734610 // ushl v16.8h, v16.8h, v19.8h
	WORD $0x4e60a951 // cmlt v17.8h, v10.8h, #0
	WORD $0x6e311e12 // eor v18.16b, v16.16b, v17.16b
	WORD $0x6e718652 // sub v18.8h, v18.8h, v17.8h
	WORD $0x3d801412 // str q18, [x0, #80]
	WORD $0x6e214a02 // uqxtn2 v2.16b, v16.8h
	WORD $0x3dc018d1 // ldr q17, [x6, #96]
	WORD $0x3dc038d2 // ldr q18, [x6, #224]
	WORD $0x3dc078d3 // ldr q19, [x6, #480]
	WORD $0x4e60b8f0 // abs v16.8h, v7.8h
	WORD $0x4e718610 // add v16.8h, v16.8h, v17.8h
	WORD $0x2e72c214 // umull v20.4s, v16.4h, v18.4h
	WORD $0x6e72c215 // umull2 v21.4s, v16.8h, v18.8h
	WORD $0x4e555a90 // uzp2 v16.8h, v20.8h, v21.8h
	WORD $0x6e734610 // ushl v16.8h, v16.8h, v19.8h
	WORD $0x4e60a8f1 // cmlt v17.8h, v7.8h, #0
	WORD $0x6e311e12 // eor v18.16b, v16.16b, v17.16b
	WORD $0x6e718652 // sub v18.8h, v18.8h, v17.8h
	WORD $0x3d801812 // str q18, [x0, #96]
	WORD $0x2e214a03 // uqxtn v3.8b, v16.8h
	WORD $0x3dc01cd1 // ldr q17, [x6, #112]
	WORD $0x3dc03cd2 // ldr q18, [x6, #240]
	WORD $0x3dc07cd3 // ldr q19, [x6, #496]
	WORD $0x4e60b970 // abs v16.8h, v11.8h
	WORD $0x4e718610 // add v16.8h, v16.8h, v17.8h
	WORD $0x2e72c214 // umull v20.4s, v16.4h, v18.4h
	WORD $0x6e72c215 // umull2 v21.4s, v16.8h, v18.8h
	WORD $0x4e555a90 // uzp2 v16.8h, v20.8h, v21.8h
	WORD $0x6e734610 // ushl v16.8h, v16.8h, v19.8h
	WORD $0x4e60a971 // cmlt v17.8h, v11.8h, #0
	WORD $0x6e311e12 // eor v18.16b, v16.16b, v17.16b
	WORD $0x6e718652 // sub v18.8h, v18.8h, v17.8h
	WORD $0x3d801c12 // str q18, [x0, #112]
	WORD $0x6e214a03 // uqxtn2 v3.16b, v16.8h
	WORD $0x4e1c6010 // tbl v16.16b, {v0.16b-v3.16b}, v28.16b
	WORD $0x4e1d6011 // tbl v17.16b, {v0.16b-v3.16b}, v29.16b
	WORD $0x4e1e6012 // tbl v18.16b, {v0.16b-v3.16b}, v30.16b
	WORD $0x4e1f6013 // tbl v19.16b, {v0.16b-v3.16b}, v31.16b
	WORD $0x4e308e14 // cmtst v20.16b, v16.16b, v16.16b
	WORD $0x4e318e35 // cmtst v21.16b, v17.16b, v17.16b
	WORD $0x4e328e56 // cmtst v22.16b, v18.16b, v18.16b
	WORD $0x4e338e77 // cmtst v23.16b, v19.16b, v19.16b
	WORD $0x4e3b1e94 // and v20.16b, v20.16b, v27.16b
	WORD $0x4e3b1eb5 // and v21.16b, v21.16b, v27.16b
	WORD $0x4e3b1ed6 // and v22.16b, v22.16b, v27.16b
	WORD $0x4e3b1ef7 // and v23.16b, v23.16b, v27.16b
	WORD $0x4e35be94 // addp v20.16b, v20.16b, v21.16b
	WORD $0x4e37bed6 // addp v22.16b, v22.16b, v23.16b
	WORD $0x4e36be94 // addp v20.16b, v20.16b, v22.16b
	WORD $0x4e34be94 // addp v20.16b, v20.16b, v20.16b
	WORD $0xfd000034 // str d20, [x1]
	WORD $0xf10004bf // cmp x5, #0x1
	WORD $0x540006e0 // b.eq 594
	WORD $0x4f00e438 // movi v24.16b, #0x1
	WORD $0x6e382e10 // uqsub v16.16b, v16.16b, v24.16b
	WORD $0x6e382e31 // uqsub v17.16b, v17.16b, v24.16b
	WORD $0x6e382e52 // uqsub v18.16b, v18.16b, v24.16b
	WORD $0x6e382e73 // uqsub v19.16b, v19.16b, v24.16b
	WORD $0x4e308e14 // cmtst v20.16b, v16.16b, v16.16b
	WORD $0x4e318e35 // cmtst v21.16b, v17.16b, v17.16b
	WORD $0x4e328e56 // cmtst v22.16b, v18.16b, v18.16b
	WORD $0x4e338e77 // cmtst v23.16b, v19.16b, v19.16b
	WORD $0x4e3b1e94 // and v20.16b, v20.16b, v27.16b
	WORD $0x4e3b1eb5 // and v21.16b, v21.16b, v27.16b
	WORD $0x4e3b1ed6 // and v22.16b, v22.16b, v27.16b
	WORD $0x4e3b1ef7 // and v23.16b, v23.16b, v27.16b
	WORD $0x4e35be94 // addp v20.16b, v20.16b, v21.16b
	WORD $0x4e37bed6 // addp v22.16b, v22.16b, v23.16b
	WORD $0x4e36be94 // addp v20.16b, v20.16b, v22.16b
	WORD $0x4e34be94 // addp v20.16b, v20.16b, v20.16b
	WORD $0xfd000434 // str d20, [x1, #8]
	WORD $0x4f00e458 // movi v24.16b, #0x2
	WORD $0x6e382e10 // uqsub v16.16b, v16.16b, v24.16b
	WORD $0x6e382e31 // uqsub v17.16b, v17.16b, v24.16b
	WORD $0x6e382e52 // uqsub v18.16b, v18.16b, v24.16b
	WORD $0x6e382e73 // uqsub v19.16b, v19.16b, v24.16b
	WORD $0x4e308e14 // cmtst v20.16b, v16.16b, v16.16b
	WORD $0x4e318e35 // cmtst v21.16b, v17.16b, v17.16b
	WORD $0x4e328e56 // cmtst v22.16b, v18.16b, v18.16b
	WORD $0x4e338e77 // cmtst v23.16b, v19.16b, v19.16b
	WORD $0x4e3b1e94 // and v20.16b, v20.16b, v27.16b
	WORD $0x4e3b1eb5 // and v21.16b, v21.16b, v27.16b
	WORD $0x4e3b1ed6 // and v22.16b, v22.16b, v27.16b
	WORD $0x4e3b1ef7 // and v23.16b, v23.16b, v27.16b
	WORD $0x4e35be94 // addp v20.16b, v20.16b, v21.16b
	WORD $0x4e37bed6 // addp v22.16b, v22.16b, v23.16b
	WORD $0x4e36be94 // addp v20.16b, v20.16b, v22.16b
	WORD $0x4e34be94 // addp v20.16b, v20.16b, v20.16b
	WORD $0xfd000834 // str d20, [x1, #16]
	WORD $0x4f00e498 // movi v24.16b, #0x4
	WORD $0x6e382e10 // uqsub v16.16b, v16.16b, v24.16b
	WORD $0x6e382e31 // uqsub v17.16b, v17.16b, v24.16b
	WORD $0x6e382e52 // uqsub v18.16b, v18.16b, v24.16b
	WORD $0x6e382e73 // uqsub v19.16b, v19.16b, v24.16b
	WORD $0x4e308e14 // cmtst v20.16b, v16.16b, v16.16b
	WORD $0x4e318e35 // cmtst v21.16b, v17.16b, v17.16b
	WORD $0x4e328e56 // cmtst v22.16b, v18.16b, v18.16b
	WORD $0x4e338e77 // cmtst v23.16b, v19.16b, v19.16b
	WORD $0x4e3b1e94 // and v20.16b, v20.16b, v27.16b
	WORD $0x4e3b1eb5 // and v21.16b, v21.16b, v27.16b
	WORD $0x4e3b1ed6 // and v22.16b, v22.16b, v27.16b
	WORD $0x4e3b1ef7 // and v23.16b, v23.16b, v27.16b
	WORD $0x4e35be94 // addp v20.16b, v20.16b, v21.16b
	WORD $0x4e37bed6 // addp v22.16b, v22.16b, v23.16b
	WORD $0x4e36be94 // addp v20.16b, v20.16b, v22.16b
	WORD $0x4e34be94 // addp v20.16b, v20.16b, v20.16b
	WORD $0xfd000c34 // str d20, [x1, #24]
	WORD $0x91020000 // add x0, x0, #0x80
	WORD $0x91008021 // add x1, x1, #0x20
	WORD $0x91002042 // add x2, x2, #0x8
	WORD $0xf1000484 // subs x4, x4, #0x1
	WORD $0x54ffd361 // b.ne 10
	RET
