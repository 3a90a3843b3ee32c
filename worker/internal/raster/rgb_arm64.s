// Code generated from rgb_arm64.neon by darkroom/worker/internal/neon. DO NOT EDIT.

#include "textflag.h"

// Weights of red, green and blue in luma, then those of red and green in blue, then those of green and blue in red.
DATA weights<>+0(SB)/2, $19595
DATA weights<>+2(SB)/2, $38470
DATA weights<>+4(SB)/2, $7471
DATA weights<>+6(SB)/2, $11056
DATA weights<>+8(SB)/2, $21712
DATA weights<>+10(SB)/2, $27440
DATA weights<>+12(SB)/2, $5328
DATA weights<>+14(SB)/2, $0
GLOBL weights<>(SB), RODATA|NOPTR, $16

// func convertRowVector(luma, blue, red, pix []uint8, bytes, count int)
TEXT ·convertRowVector(SB), NOSPLIT, $0-112
	MOVD luma_base+0(FP), R0
	MOVD blue_base+24(FP), R1
	MOVD red_base+48(FP), R2
	MOVD pix_base+72(FP), R3
	MOVD bytes+96(FP), R4
	MOVD count+104(FP), R5
	MOVD $weights<>(SB), R6
	WORD $0x3dc000c5 // ldr q5, [x6]
	WORD $0x4f04841f // movi v31.8h, #0x80
	WORD $0xf1000c9f // cmp x4, #0x3
	WORD $0x54000501 // b.ne ac
	WORD $0x0cdf4060 // ld3 {v0.8b-v2.8b}, [x3], #24
	WORD $0x2f08a400 // uxtl v0.8h, v0.8b
	WORD $0x2f08a421 // uxtl v1.8h, v1.8b
	WORD $0x2f08a442 // uxtl v2.8h, v2.8b
	WORD $0x2f45a006 // umull v6.4s, v0.4h, v5.h[0]
	WORD $0x6f45a007 // umull2 v7.4s, v0.8h, v5.h[0]
	WORD $0x2f552026 // umlal v6.4s, v1.4h, v5.h[1]
	WORD $0x6f552027 // umlal2 v7.4s, v1.8h, v5.h[1]
	WORD $0x2f652046 // umlal v6.4s, v2.4h, v5.h[2]
	WORD $0x6f652047 // umlal2 v7.4s, v2.8h, v5.h[2]
	WORD $0x0f108cd0 // rshrn v16.4h, v6.4s, #16
	WORD $0x4f108cf0 // rshrn2 v16.8h, v7.4s, #16
	WORD $0x0e212a10 // xtn v16.8b, v16.8h
	WORD $0x2f1fa446 // ushll v6.4s, v2.4h, #15
	WORD $0x6f1fa447 // ushll2 v7.4s, v2.8h, #15
	WORD $0x2f756006 // umlsl v6.4s, v0.4h, v5.h[3]
	WORD $0x6f756007 // umlsl2 v7.4s, v0.8h, v5.h[3]
	WORD $0x2f456826 // umlsl v6.4s, v1.4h, v5.h[4]
	WORD $0x6f456827 // umlsl2 v7.4s, v1.8h, v5.h[4]
	WORD $0x0f108cd1 // rshrn v17.4h, v6.4s, #16
	WORD $0x4f108cf1 // rshrn2 v17.8h, v7.4s, #16
	WORD $0x4e7f8631 // add v17.8h, v17.8h, v31.8h
	WORD $0x2e212a31 // sqxtun v17.8b, v17.8h
	WORD $0x2f1fa406 // ushll v6.4s, v0.4h, #15
	WORD $0x6f1fa407 // ushll2 v7.4s, v0.8h, #15
	WORD $0x2f556826 // umlsl v6.4s, v1.4h, v5.h[5]
	WORD $0x6f556827 // umlsl2 v7.4s, v1.8h, v5.h[5]
	WORD $0x2f656846 // umlsl v6.4s, v2.4h, v5.h[6]
	WORD $0x6f656847 // umlsl2 v7.4s, v2.8h, v5.h[6]
	WORD $0x0f108cd2 // rshrn v18.4h, v6.4s, #16
	WORD $0x4f108cf2 // rshrn2 v18.8h, v7.4s, #16
	WORD $0x4e7f8652 // add v18.8h, v18.8h, v31.8h
	WORD $0x2e212a52 // sqxtun v18.8b, v18.8h
	WORD $0xfc008410 // str d16, [x0], #8
	WORD $0xfc008431 // str d17, [x1], #8
	WORD $0xfc008452 // str d18, [x2], #8
	WORD $0xf10020a5 // subs x5, x5, #0x8
	WORD $0x54fffb61 // b.ne 10
	WORD $0x14000027 // b 144
	WORD $0x0cdf0060 // ld4 {v0.8b-v3.8b}, [x3], #32
	WORD $0x2f08a400 // uxtl v0.8h, v0.8b
	WORD $0x2f08a421 // uxtl v1.8h, v1.8b
	WORD $0x2f08a442 // uxtl v2.8h, v2.8b
	WORD $0x2f45a006 // umull v6.4s, v0.4h, v5.h[0]
	WORD $0x6f45a007 // umull2 v7.4s, v0.8h, v5.h[0]
	WORD $0x2f552026 // umlal v6.4s, v1.4h, v5.h[1]
	WORD $0x6f552027 // umlal2 v7.4s, v1.8h, v5.h[1]
	WORD $0x2f652046 // umlal v6.4s, v2.4h, v5.h[2]
	WORD $0x6f652047 // umlal2 v7.4s, v2.8h, v5.h[2]
	WORD $0x0f108cd0 // rshrn v16.4h, v6.4s, #16
	WORD $0x4f108cf0 // rshrn2 v16.8h, v7.4s, #16
	WORD $0x0e212a10 // xtn v16.8b, v16.8h
	WORD $0x2f1fa446 // ushll v6.4s, v2.4h, #15
	WORD $0x6f1fa447 // ushll2 v7.4s, v2.8h, #15
	WORD $0x2f756006 // umlsl v6.4s, v0.4h, v5.h[3]
	WORD $0x6f756007 // umlsl2 v7.4s, v0.8h, v5.h[3]
	WORD $0x2f456826 // umlsl v6.4s, v1.4h, v5.h[4]
	WORD $0x6f456827 // umlsl2 v7.4s, v1.8h, v5.h[4]
	WORD $0x0f108cd1 // rshrn v17.4h, v6.4s, #16
	WORD $0x4f108cf1 // rshrn2 v17.8h, v7.4s, #16
	WORD $0x4e7f8631 // add v17.8h, v17.8h, v31.8h
	WORD $0x2e212a31 // sqxtun v17.8b, v17.8h
	WORD $0x2f1fa406 // ushll v6.4s, v0.4h, #15
	WORD $0x6f1fa407 // ushll2 v7.4s, v0.8h, #15
	WORD $0x2f556826 // umlsl v6.4s, v1.4h, v5.h[5]
	WORD $0x6f556827 // umlsl2 v7.4s, v1.8h, v5.h[5]
	WORD $0x2f656846 // umlsl v6.4s, v2.4h, v5.h[6]
	WORD $0x6f656847 // umlsl2 v7.4s, v2.8h, v5.h[6]
	WORD $0x0f108cd2 // rshrn v18.4h, v6.4s, #16
	WORD $0x4f108cf2 // rshrn2 v18.8h, v7.4s, #16
	WORD $0x4e7f8652 // add v18.8h, v18.8h, v31.8h
	WORD $0x2e212a52 // sqxtun v18.8b, v18.8h
	WORD $0xfc008410 // str d16, [x0], #8
	WORD $0xfc008431 // str d17, [x1], #8
	WORD $0xfc008452 // str d18, [x2], #8
	WORD $0xf10020a5 // subs x5, x5, #0x8
	WORD $0x54fffb61 // b.ne ac
	RET
